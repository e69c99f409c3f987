function f(t,o){let n=Math.min(t[1]-t[0],o[1]-o[0]),a=Math.min(Math.max(t[0],o[0]),o[1]-n);return[a,a+n]}function m(t,o,n,a){let c=t[1]-t[0],u=(a[1]-a[0])/2e4,v=Math.min(Math.max(c*o,u),a[1]-a[0]),i=t[0]+(c-v)*n;return f([i,i+v],a)}function p(t,o,n){let a=(t[1]-t[0])*o;return f([t[0]+a,t[1]+a],n)}function q(t,o){return(t-o[0])/(o[1]-o[0])}function A(t,o,n){switch(t){case"ArrowLeft":return p(o,-.1,n);case"ArrowRight":return p(o,.1,n);case"PageUp":return p(o,-.9,n);case"PageDown":return p(o,.9,n);case"Home":return f([n[0],n[0]+(o[1]-o[0])],n);case"End":return f([n[1]-(o[1]-o[0]),n[1]],n);case"+":case"=":return m(o,1/1.5,.5,n);case"-":return m(o,1.5,.5,n);case"0":return n;default:return null}}var K=`:root { --cs-trace-radon_velocity: #0b6bcb; --cs-trace-diameter: #8a4fbf; }
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
`;async function z(t,o){if(!o)return null;let n=o.replace(/^IPY_MODEL_/,"");return await t.widget_manager.get_model(n)}function B(t){return Array.isArray(t)&&t.length===2&&t.every(o=>Number.isFinite(o))&&t[1]>t[0]}function y(t){let o=document.createElement("div");return o.className=t,o}var I=async({model:t,el:o})=>{if(!document.getElementById("cs-trace-style")){let e=document.createElement("style");e.id="cs-trace-style",e.textContent=K,document.head.append(e)}o.classList.add("cs-trace-pointer");let n=y("cs-pointer-area"),a=y("cs-pointer-line"),c=y("cs-pointer-readout");n.tabIndex=0,n.setAttribute("role","application"),n.append(a,c),o.append(n);let u=await z(t,t.get("scale")),i=await z(t,t.get("viewer"))??t,l=()=>{let e=i.get("time_range");return B(e)?e:t.get("full_range")},D=()=>{let e=i.get("cursor_s");return typeof e=="number"&&Number.isFinite(e)?e:null},h=()=>{let[e,r]=l();u&&(u.get("min")!==e||u.get("max")!==r)&&u.set({min:e,max:r}),x()},x=()=>{let e=D(),r=e===null?-1:q(e,l()),s=!(r>=0&&r<=1);if(a.hidden=c.hidden=s,s)return;a.style.left=`${r*100}%`;let d=r>.5;c.style.left=d?"auto":`calc(${r*100}% + 8px)`,c.style.right=d?`calc(${(1-r)*100}% + 8px)`:"auto"},w=()=>{c.textContent=t.get("readout")},R=()=>{let{left:e,right:r,top:s,bottom:d}=t.get("margins");n.style.inset=`${s}px ${r}px ${d}px ${e}px`},_=()=>n.setAttribute("aria-label",t.get("label"));R(),_(),h(),w();let b=e=>{i.set({time_range:[...f(e,t.get("full_range"))]}),i.save_changes(),h()},k=e=>{i.set({cursor_s:e}),i.save_changes(),x()},j=e=>{let r=n.getBoundingClientRect();return r.width>0?Math.min(Math.max((e.clientX-r.left)/r.width,0),1):0},P=e=>{let[r,s]=l();return r+j(e)*(s-r)},g=null,C=e=>{e.preventDefault();let r=t.get("full_range"),s=e.shiftKey&&e.deltaY||e.deltaX;if(e.shiftKey||Math.abs(e.deltaX)>Math.abs(e.deltaY))b(p(l(),s/800,r));else{let d=e.deltaMode===1?e.deltaY*16:e.deltaY;b(m(l(),Math.exp(d*.002),j(e),r))}},$=e=>{e.button===0&&(n.setPointerCapture(e.pointerId),g={x:e.clientX,range:l()},n.classList.add("cs-dragging"))},X=e=>{if(g){let r=n.getBoundingClientRect().width||1;b(p(g.range,(g.x-e.clientX)/r,t.get("full_range")))}k(P(e))},M=()=>{g=null,n.classList.remove("cs-dragging")},E=[["wheel",C],["pointerdown",$],["pointermove",X],["pointerup",M],["pointercancel",M],["pointerleave",()=>{g||k(null)}],["dblclick",()=>b(t.get("full_range"))],["keydown",e=>{if(e.ctrlKey||e.metaKey||e.altKey)return;let r=A(e.key,l(),t.get("full_range"));r&&(e.preventDefault(),e.stopPropagation(),b(r))}]];for(let[e,r]of E)n.addEventListener(e,r,{passive:!1});let L=[[i,"change:time_range",h],[i,"change:cursor_s",x],[t,"change:full_range",h],[t,"change:readout",w],[t,"change:margins",R],[t,"change:label",_]];for(let[e,r,s]of L)e.on(r,s);let F=new ResizeObserver(()=>{let e=Math.round(n.getBoundingClientRect().width);e>0&&e!==t.get("width_px")&&(t.set("width_px",e),t.save_changes())});return F.observe(n),()=>{F.disconnect();for(let[e,r,s]of L)e.off(r,s);for(let[e,r]of E)n.removeEventListener(e,r)}},G={render:I};export{G as default};
