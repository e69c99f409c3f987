function f(e,r){let n=Math.min(e[1]-e[0],r[1]-r[0]),a=Math.min(Math.max(e[0],r[0]),r[1]-n);return[a,a+n]}function v(e,r,n,a){let l=e[1]-e[0],g=(a[1]-a[0])/2e4,y=Math.min(Math.max(l*r,g),a[1]-a[0]),i=e[0]+(l-y)*n;return f([i,i+y],a)}function u(e,r,n){let a=(e[1]-e[0])*r;return f([e[0]+a,e[1]+a],n)}function D(e,r){return(e-r[0])/(r[1]-r[0])}function z(e,r,n){switch(e){case"ArrowLeft":return u(r,-.1,n);case"ArrowRight":return u(r,.1,n);case"PageUp":return u(r,-.9,n);case"PageDown":return u(r,.9,n);case"Home":return f([n[0],n[0]+(r[1]-r[0])],n);case"End":return f([n[1]-(r[1]-r[0]),n[1]],n);case"+":case"=":return v(r,1/1.5,.5,n);case"-":return v(r,1.5,.5,n);case"0":return n;default:return null}}var C=`:root { --cs-trace-radon_velocity: #0b6bcb; --cs-trace-diameter: #8a4fbf; }
[data-jp-theme-light="false"] { --cs-trace-radon_velocity: #58a6ff; --cs-trace-diameter: #c297ff; }
.cs-trace { position: relative; overflow: visible; }
.cs-trace-plot { position: relative; overflow: visible; }
/* half of the last number of the time axis stands outside */
.cs-trace .bqplot > svg { overflow: visible; }
.cs-trace-plot > .cs-trace-pointer {
  position: absolute; inset: 0; width: auto; height: auto; margin: 0; overflow: visible;
  pointer-events: none;
}
.cs-pointer-area {
  position: absolute; cursor: crosshair; touch-action: none; outline: none; pointer-events: auto;
}
.cs-pointer-area.cs-dragging { cursor: grabbing; }
.cs-pointer-area:focus-visible { box-shadow: 0 0 0 2px var(--jp-brand-color1, #1976d2); }
.cs-pointer-line {
  position: absolute; top: 0; bottom: 0; width: 1px; margin-left: -0.5px;
  background: var(--jp-ui-font-color1, #222); opacity: 0.55; pointer-events: none;
}
.cs-pointer-readout {
  position: absolute; top: 5px; padding: 1px 7px; border-radius: 5px; white-space: nowrap;
  font: var(--jp-ui-font-size0, 11px)/1.5 var(--jp-ui-font-family, system-ui, sans-serif);
  font-variant-numeric: tabular-nums; pointer-events: none;
  color: var(--jp-ui-font-color1, #222); background: var(--jp-layout-color1, #fff);
  border: 1px solid var(--jp-border-color2, #ddd); box-shadow: 0 1px 4px rgb(0 0 0 / 14%);
}
.cs-pointer-readout:empty, .cs-pointer-line[hidden], .cs-pointer-readout[hidden] { display: none; }
.cs-trace .bqplot { background: transparent; }
.cs-trace .bqplot .plotarea_background { fill: var(--jp-layout-color1, #fff) !important; stroke: var(--jp-border-color2, #e0e0e0); }
.cs-trace .bqplot .axis line, .cs-trace .bqplot .axis path { stroke: var(--jp-border-color1, #ccc); }
.cs-trace .bqplot .axis .tick line { stroke: var(--jp-border-color2, #e0e0e0); }
.cs-trace .bqplot .axis text {
  fill: var(--jp-ui-font-color2, #5b6672) !important; font-size: 11px !important;
  font-family: var(--jp-ui-font-family, system-ui, sans-serif) !important;
  font-variant-numeric: tabular-nums; font-weight: 400 !important;
}
.cs-trace .bqplot path.line { stroke-linecap: round; stroke-linejoin: round; }
/* bqplot writes these two in a fixed orange that neither theme can carry. */
.cs-trace .bqplot .mainheading, .cs-trace .bqplot .axislabel { fill: var(--jp-ui-font-color1) !important; }
.cs-trace-head {
  display: flex; gap: 8px; align-items: center; margin: 0; min-height: 20px; overflow: hidden;
  font: var(--jp-ui-font-size1, 13px)/20px var(--jp-ui-font-family, system-ui, sans-serif);
  color: var(--jp-ui-font-color2, #5b6672); white-space: nowrap;
}
.cs-trace-head b { color: var(--jp-ui-font-color1, #222); font-weight: 600; }
.cs-trace-head .cs-aside { margin-left: auto; font-size: 11px; font-variant-numeric: tabular-nums; }
.cs-trace .cs-trace-empty {
  position: absolute; inset: 6px 12px 8px 64px; margin: 0; width: auto; height: auto;
  display: grid; place-content: center; text-align: center;
  padding: 0 12px; color: var(--jp-ui-font-color2, #5b6672); pointer-events: none;
  font: var(--jp-ui-font-size1, 13px)/1.4 var(--jp-ui-font-family, system-ui, sans-serif);
}
`;var O=250,Y=3;async function X(e,r){if(!r)return null;let n=r.replace(/^IPY_MODEL_/,"");return await e.widget_manager.get_model(n)}function S(e){return Array.isArray(e)&&e.length===2&&e.every(r=>Number.isFinite(r))&&e[1]>e[0]}function w(e){let r=document.createElement("div");return r.className=e,r}var N=async({model:e,el:r})=>{if(!document.getElementById("cs-trace-style")){let t=document.createElement("style");t.id="cs-trace-style",t.textContent=C,document.head.append(t)}r.classList.add("cs-trace-pointer");let n=w("cs-pointer-area"),a=w("cs-pointer-line"),l=w("cs-pointer-readout");n.tabIndex=0,n.setAttribute("role","application"),n.append(a,l),r.append(n);let g=await X(e,e.get("scale")),i=await X(e,e.get("viewer"))??e,p=()=>{let t=i.get("time_range");return S(t)?t:e.get("full_range")},_=()=>{let t=i.get("cursor_s");return typeof t=="number"&&Number.isFinite(t)?t:null},m=()=>{let[t,o]=p();g&&(g.get("min")!==t||g.get("max")!==o)&&g.set({min:t,max:o}),x()},x=()=>{let t=_(),o=t===null?-1:D(t,p()),s=!(o>=0&&o<=1);if(a.hidden=l.hidden=s,s)return;a.style.left=`${o*100}%`;let d=o>.5;l.style.left=d?"auto":`calc(${o*100}% + 8px)`,l.style.right=d?`calc(${(1-o)*100}% + 8px)`:"auto"},R=()=>{l.textContent=e.get("readout")},k=()=>{let{left:t,right:o,top:s,bottom:d}=e.get("margins");n.style.inset=`${s}px ${o}px ${d}px ${t}px`},j=()=>n.setAttribute("aria-label",e.get("label"));k(),j(),m(),R();let b=t=>{i.set({time_range:[...f(t,e.get("full_range"))]}),i.save_changes(),m()},M=t=>{i.set({cursor_s:t}),i.save_changes(),x()},E=t=>{let o=n.getBoundingClientRect();return o.width>0?Math.min(Math.max((t.clientX-o.left)/o.width,0),1):0},L=t=>{let[o,s]=p();return o+E(t)*(s-o)},h,F=(t,o=0)=>{clearTimeout(h),h=setTimeout(()=>{e.set("picked_s",t),e.save_changes()},o)},c=null,T=t=>{t.preventDefault();let o=e.get("full_range"),s=t.shiftKey&&t.deltaY||t.deltaX;if(t.shiftKey||Math.abs(t.deltaX)>Math.abs(t.deltaY))b(u(p(),s/800,o));else{let d=t.deltaMode===1?t.deltaY*16:t.deltaY;b(v(p(),Math.exp(d*.002),E(t),o))}},$=t=>{t.button===0&&(n.setPointerCapture(t.pointerId),c={x:t.clientX,range:p(),still:!0},n.classList.add("cs-dragging"))},B=t=>{if(c&&Math.abs(t.clientX-c.x)>Y&&(c.still=!1),c&&!c.still){let o=n.getBoundingClientRect().width||1;b(u(c.range,(c.x-t.clientX)/o,e.get("full_range")))}M(L(t))},q=t=>{c?.still&&t.type==="pointerup"&&F(L(t),O),c=null,n.classList.remove("cs-dragging")},K=[["wheel",T],["pointerdown",$],["pointermove",B],["pointerup",q],["pointercancel",q],["pointerleave",()=>{c||M(null)}],["dblclick",()=>{clearTimeout(h),b(e.get("full_range"))}],["keydown",t=>{if(t.ctrlKey||t.metaKey||t.altKey)return;let o=_();if(t.key==="Enter"&&o!==null){t.preventDefault(),t.stopPropagation(),F(o);return}let s=z(t.key,p(),e.get("full_range"));s&&(t.preventDefault(),t.stopPropagation(),b(s))}]];for(let[t,o]of K)n.addEventListener(t,o,{passive:!1});let P=[[i,"change:time_range",m],[i,"change:cursor_s",x],[e,"change:full_range",m],[e,"change:readout",R],[e,"change:margins",k],[e,"change:label",j]];for(let[t,o,s]of P)t.on(o,s);let A=new ResizeObserver(()=>{let t=Math.round(n.getBoundingClientRect().width);t>0&&t!==e.get("width_px")&&(e.set("width_px",t),e.save_changes())});return A.observe(n),()=>{clearTimeout(h),A.disconnect();for(let[t,o,s]of P)t.off(o,s);for(let[t,o]of K)n.removeEventListener(t,o)}},Z={render:N};export{Z as default};
