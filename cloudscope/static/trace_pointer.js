function f(e,o){let n=Math.min(e[1]-e[0],o[1]-o[0]),a=Math.min(Math.max(e[0],o[0]),o[1]-n);return[a,a+n]}function m(e,o,n,a){let c=e[1]-e[0],u=(a[1]-a[0])/2e4,v=Math.min(Math.max(c*o,u),a[1]-a[0]),i=e[0]+(c-v)*n;return f([i,i+v],a)}function l(e,o,n){let a=(e[1]-e[0])*o;return f([e[0]+a,e[1]+a],n)}function q(e,o){return(e-o[0])/(o[1]-o[0])}function A(e,o,n){switch(e){case"ArrowLeft":return l(o,-.1,n);case"ArrowRight":return l(o,.1,n);case"PageUp":return l(o,-.9,n);case"PageDown":return l(o,.9,n);case"Home":return f([n[0],n[0]+(o[1]-o[0])],n);case"End":return f([n[1]-(o[1]-o[0]),n[1]],n);case"+":case"=":return m(o,1/1.5,.5,n);case"-":return m(o,1.5,.5,n);case"0":return n;default:return null}}var K=`:root { --cs-trace-radon_velocity: #0b6bcb; --cs-trace-diameter: #8a4fbf; }
[data-jp-theme-light="false"] { --cs-trace-radon_velocity: #58a6ff; --cs-trace-diameter: #c297ff; }
.cs-trace { position: relative; overflow: hidden; }
.cs-trace-plot { position: relative; overflow: hidden; }
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
.cs-trace .bqplot .plotarea_background { fill: var(--jp-layout-color1, #fff) !important; }
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
`;async function z(e,o){if(!o)return null;let n=o.replace(/^IPY_MODEL_/,"");return await e.widget_manager.get_model(n)}function B(e){return Array.isArray(e)&&e.length===2&&e.every(o=>Number.isFinite(o))&&e[1]>e[0]}function y(e){let o=document.createElement("div");return o.className=e,o}var I=async({model:e,el:o})=>{if(!document.getElementById("cs-trace-style")){let t=document.createElement("style");t.id="cs-trace-style",t.textContent=K,document.head.append(t)}o.classList.add("cs-trace-pointer");let n=y("cs-pointer-area"),a=y("cs-pointer-line"),c=y("cs-pointer-readout");n.tabIndex=0,n.setAttribute("role","application"),n.append(a,c),o.append(n);let u=await z(e,e.get("scale")),i=await z(e,e.get("viewer"))??e,p=()=>{let t=i.get("time_range");return B(t)?t:e.get("full_range")},D=()=>{let t=i.get("cursor_s");return typeof t=="number"&&Number.isFinite(t)?t:null},h=()=>{let[t,r]=p();u&&(u.get("min")!==t||u.get("max")!==r)&&u.set({min:t,max:r}),x()},x=()=>{let t=D(),r=t===null?-1:q(t,p()),s=!(r>=0&&r<=1);if(a.hidden=c.hidden=s,s)return;a.style.left=`${r*100}%`;let d=r>.5;c.style.left=d?"auto":`calc(${r*100}% + 8px)`,c.style.right=d?`calc(${(1-r)*100}% + 8px)`:"auto"},w=()=>{c.textContent=e.get("readout")},R=()=>{let{left:t,right:r,top:s,bottom:d}=e.get("margins");n.style.inset=`${s}px ${r}px ${d}px ${t}px`},_=()=>n.setAttribute("aria-label",e.get("label"));R(),_(),h(),w();let b=t=>{i.set({time_range:[...f(t,e.get("full_range"))]}),i.save_changes(),h()},k=t=>{i.set({cursor_s:t}),i.save_changes(),x()},j=t=>{let r=n.getBoundingClientRect();return r.width>0?Math.min(Math.max((t.clientX-r.left)/r.width,0),1):0},P=t=>{let[r,s]=p();return r+j(t)*(s-r)},g=null,C=t=>{t.preventDefault();let r=e.get("full_range"),s=t.shiftKey&&t.deltaY||t.deltaX;if(t.shiftKey||Math.abs(t.deltaX)>Math.abs(t.deltaY))b(l(p(),s/800,r));else{let d=t.deltaMode===1?t.deltaY*16:t.deltaY;b(m(p(),Math.exp(d*.002),j(t),r))}},$=t=>{t.button===0&&(n.setPointerCapture(t.pointerId),g={x:t.clientX,range:p()},n.classList.add("cs-dragging"))},X=t=>{if(g){let r=n.getBoundingClientRect().width||1;b(l(g.range,(g.x-t.clientX)/r,e.get("full_range")))}k(P(t))},M=()=>{g=null,n.classList.remove("cs-dragging")},E=[["wheel",C],["pointerdown",$],["pointermove",X],["pointerup",M],["pointercancel",M],["pointerleave",()=>{g||k(null)}],["dblclick",()=>b(e.get("full_range"))],["keydown",t=>{if(t.ctrlKey||t.metaKey||t.altKey)return;let r=A(t.key,p(),e.get("full_range"));r&&(t.preventDefault(),t.stopPropagation(),b(r))}]];for(let[t,r]of E)n.addEventListener(t,r,{passive:!1});let L=[[i,"change:time_range",h],[i,"change:cursor_s",x],[e,"change:full_range",h],[e,"change:readout",w],[e,"change:margins",R],[e,"change:label",_]];for(let[t,r,s]of L)t.on(r,s);let F=new ResizeObserver(()=>{let t=Math.round(n.getBoundingClientRect().width);t>0&&t!==e.get("width_px")&&(e.set("width_px",t),e.save_changes())});return F.observe(n),()=>{F.disconnect();for(let[t,r,s]of L)t.off(r,s);for(let[t,r]of E)n.removeEventListener(t,r)}},G={render:I};export{G as default};
