function F(t,r,n){let o=m=>Math.min(Math.max(m,n[0]),n[1]),[a,g]=[o(Math.min(t,r)),o(Math.max(t,r))];return g>a?[a,g]:null}function H(t,r,n,o,a){if(r==="begin"){let m=t&&t[1]>n?t[1]:o[1];return F(n,Math.max(m,n),a)}let g=t&&t[0]<n?t[0]:o[0];return F(Math.min(g,n),n,a)}function U(t){return Array.isArray(t)&&t.length===2&&t.every(Number.isFinite)&&t[1]>t[0]}function w(t,r){let n=Math.min(t[1]-t[0],r[1]-r[0]),o=Math.min(Math.max(t[0],r[0]),r[1]-n);return[o,o+n]}function K(t,r,n,o){let a=t[1]-t[0],g=(o[1]-o[0])/2e4,m=Math.min(Math.max(a*r,g),o[1]-o[0]),h=t[0]+(a-m)*n;return w([h,h+m],o)}function y(t,r,n){let o=(t[1]-t[0])*r;return w([t[0]+o,t[1]+o],n)}function k(t,r){return(t-r[0])/(r[1]-r[0])}function W(t,r,n){switch(t){case"ArrowLeft":return y(r,-.1,n);case"ArrowRight":return y(r,.1,n);case"PageUp":return y(r,-.9,n);case"PageDown":return y(r,.9,n);case"Home":return w([n[0],n[0]+(r[1]-r[0])],n);case"End":return w([n[1]-(r[1]-r[0]),n[1]],n);case"+":case"=":return K(r,1/1.5,.5,n);case"-":return K(r,1.5,.5,n);case"0":return n;default:return null}}function V(t,r,n){let a={",":-1,".":1,"<":-10,">":10,";":-10,":":10}[t];if(a===void 0)return null;let g=n[1]-n[0],m=r!==null&&r>=n[0]&&r<=n[1],h=m?r:(n[0]+n[1])/2;return Math.min(Math.max(h+(m?a*g/500:0),n[0]),n[1])}var ce=800,le=.03;function J(t,r){let[n,o]=t.values??[0,1],a=c=>1-(c-n)/(o-n||1),g=[];for(let{start:c,stop:p,kind:i,title:u}of t.bands??[]){let b=Math.max(k(c,r),0),f=Math.min(k(p,r),1);if(f<0||b>1||f<b)continue;let v=f-b;g.push({kind:"band",className:`cs-kind-${/^[a-z]+$/.test(i)?i:"user"}`,x:b,y:0,width:v,height:1,title:v>=le?u:""})}if(t.ceiling){let c=a(t.ceiling),p=a(-t.ceiling),i=(u,b)=>g.push({kind:"ceiling",className:"",x:0,y:u,width:1,height:b,title:""});c>0&&i(0,Math.min(c,1)),p<1&&i(Math.max(p,0),1-Math.max(p,0))}let m=(c,p)=>{let i=(c??[]).filter(b=>p(b)>=r[0]&&p(b)<=r[1]),u=Math.ceil(i.length/ce);return u>1?i.filter((b,f)=>f%u===0):i},h=(c,p,i)=>g.push({kind:c,className:"",x:k(p,r),y:i,width:0,height:0,title:""});for(let c of m(t.ticks,p=>p))h("tick",c,1);for(let[c,p]of m(t.peaks,([i])=>i))h("peak",c,G(a(p)));for(let[c,p]of m(t.manual,([i])=>i))h("manual",c,G(a(p)));return g}function G(t){return Math.min(Math.max(t,0),1)}var C=t=>`${(t*100).toFixed(3)}%`;function Q(t,r){for(;t.childElementCount>r.length;)t.lastElementChild.remove();for(;t.childElementCount<r.length;)t.append(document.createElement("div"));r.forEach((n,o)=>{let a=t.children[o];a.className=`cs-mark cs-mark-${n.kind} ${n.className}`.trim(),a.style.left=C(n.x),a.style.top=C(n.y),a.style.width=n.width?C(n.width):"",a.style.height=n.height?C(n.height):"",a.textContent!==n.title&&(a.textContent=n.title)})}var Z=`:root { --cs-trace-radon_velocity: #0b6bcb; --cs-trace-diameter: #8a4fbf; }
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
  position: absolute; inset: 0; margin: 0; width: auto; height: auto;
  display: grid; place-content: center; text-align: center;
  padding: 0 12px; color: var(--jp-ui-font-color2, #5b6672); pointer-events: none;
  font: var(--jp-ui-font-size1, 13px)/1.4 var(--jp-ui-font-family, system-ui, sans-serif);
}
.cs-trace .cs-trace-empty:empty { display: none; }
.cs-pointer-area.cs-brushing { cursor: col-resize; }
.cs-brush {
  position: absolute; top: 0; bottom: 0; box-sizing: border-box; pointer-events: none;
  background: color-mix(in srgb, var(--cs-accent, #0b6bcb) 16%, transparent);
  border: solid var(--cs-accent, #0b6bcb); border-width: 0 1.5px;
}
.cs-brush[hidden] { display: none; }

/* Events, beats, peaks, values set by hand, what is beyond the ceiling */
:root { --cs-event: var(--cs-warn, #96560a); --cs-event-bad: var(--cs-bad, #b3261e); }
.cs-marks { position: absolute; inset: 0; overflow: hidden; pointer-events: none; }
.cs-mark { position: absolute; box-sizing: border-box; }
.cs-mark-band, .cs-key-band {
  --cs-of: var(--cs-event);
  background: color-mix(in srgb, var(--cs-of) 15%, transparent); border-top: 2.5px solid var(--cs-of);
}
.cs-mark-band {
  min-width: 2px; padding: 1px 3px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis;
  color: var(--cs-of); font: 10.5px/1.2 var(--jp-ui-font-family, system-ui, sans-serif);
}
:is(.cs-mark-band, .cs-key-band).cs-kind-stall, :is(.cs-mark-band, .cs-key-band).cs-kind-reversal { --cs-of: var(--cs-event-bad); }
:is(.cs-mark-band, .cs-key-band).cs-kind-rise { --cs-of: var(--cs-ok, #1a7f4b); }
:is(.cs-mark-band, .cs-key-band).cs-kind-gap { --cs-of: var(--jp-ui-font-color2, #5b6672); }
:is(.cs-mark-band, .cs-key-band).cs-kind-user { --cs-of: var(--cs-accent, #0b6bcb); }
.cs-mark-tick, .cs-key-tick { background: var(--jp-ui-font-color1, #222); }
.cs-mark-tick { width: 1px; height: 8px; margin-top: -8px; }
.cs-mark-peak, .cs-key-peak {
  background: var(--cs-event-bad); clip-path: polygon(0 0, 100% 0, 50% 100%);
}
.cs-mark-peak { width: 9px; height: 7px; margin: -9px 0 0 -4.5px; }
.cs-mark-manual, .cs-key-manual {
  border: 1.5px solid var(--jp-ui-font-color1, #222); background: var(--jp-layout-color1, #fff);
  transform: rotate(45deg);
}
.cs-mark-manual { width: 8px; height: 8px; margin: -4px 0 0 -4px; }
.cs-mark-ceiling, .cs-key-ceiling {
  background: repeating-linear-gradient(45deg,
    color-mix(in srgb, var(--jp-ui-font-color2, #5b6672) 38%, transparent) 0 1.5px, transparent 1.5px 7px);
}
.cs-key { display: inline-flex; align-items: center; gap: 4px; font-size: 11px; }
.cs-key > i { display: inline-block; width: 12px; height: 10px; box-sizing: border-box; }
.cs-key > i.cs-key-tick { width: 1px; margin: 0 3px; }
.cs-key > i.cs-key-peak { width: 9px; height: 7px; }
.cs-key > i.cs-key-manual { width: 8px; height: 8px; margin: 0 2px; }
.cs-trace-head .cs-pill { overflow: hidden; text-overflow: ellipsis; }
`;var pe=250,de=3;async function ee(t,r){if(!r)return null;let n=r.replace(/^IPY_MODEL_/,"");return await t.widget_manager.get_model(n)}function ge(t){return Array.isArray(t)&&t.length===2&&t.every(r=>Number.isFinite(r))&&t[1]>t[0]}function M(t){let r=document.createElement("div");return r.className=t,r}var me=async({model:t,el:r})=>{if(!document.getElementById("cs-trace-style")){let e=document.createElement("style");e.id="cs-trace-style",e.textContent=Z,document.head.append(e)}r.classList.add("cs-trace-pointer");let n=M("cs-pointer-area"),o=M("cs-pointer-line"),a=M("cs-pointer-readout"),g=M("cs-marks"),m=M("cs-trace-empty"),h=M("cs-brush");n.tabIndex=0,n.setAttribute("role","application"),n.append(g,h,o,a,m),r.append(n);let c=await ee(t,t.get("scale")),i=await ee(t,t.get("viewer"))??t,u=()=>{let e=i.get("time_range");return ge(e)?e:t.get("full_range")},b=()=>{let e=i.get("cursor_s");return typeof e=="number"&&Number.isFinite(e)?e:null},f=()=>{let[e,s]=u();c&&(c.get("min")!==e||c.get("max")!==s)&&c.set({min:e,max:s}),z(),T(),L()},v=0,T=()=>{v||=requestAnimationFrame(()=>{v=0,Q(g,J(t.get("marks"),u()))})},E=()=>{let e=t.get("brush");return U(e)?e:null},L=()=>{let e=E()?.map(x=>k(x,u()))??[2,2],[s,d]=e.map(x=>Math.min(Math.max(x,0),1));h.hidden=e[1]<0||e[0]>1,h.style.left=`${s*100}%`,h.style.width=`${(d-s)*100}%`},$=()=>{m.textContent=t.get("words")},z=()=>{let e=b(),s=e===null?-1:k(e,u()),d=!(s>=0&&s<=1);if(o.hidden=a.hidden=d,d)return;o.style.left=`${s*100}%`;let x=s>.5;a.style.left=x?"auto":`calc(${s*100}% + 8px)`,a.style.right=x?`calc(${(1-s)*100}% + 8px)`:"auto"},q=()=>{a.textContent=t.get("readout")},P=()=>{let{left:e,right:s,top:d,bottom:x}=t.get("margins");n.style.inset=`${d}px ${s}px ${x}px ${e}px`},D=()=>n.setAttribute("aria-label",t.get("label"));P(),D(),f(),q(),$();let R=e=>{i.set({time_range:[...w(e,t.get("full_range"))]}),i.save_changes(),f()},A=e=>{i.set({cursor_s:e}),i.save_changes(),z()},_=e=>{t.set("brush",e&&[...e]),t.save_changes(),L()},N=e=>{let s=n.getBoundingClientRect();return s.width>0?Math.min(Math.max((e.clientX-s.left)/s.width,0),1):0},j=e=>{let[s,d]=u();return s+N(e)*(d-s)},B,S=(e,s=0)=>{clearTimeout(B),B=setTimeout(()=>{t.set("picked_s",e),t.save_changes()},s)},l=null,te=e=>{e.preventDefault();let s=t.get("full_range"),d=e.shiftKey&&e.deltaY||e.deltaX;if(e.shiftKey||Math.abs(e.deltaX)>Math.abs(e.deltaY))R(y(u(),d/800,s));else{let x=e.deltaMode===1?e.deltaY*16:e.deltaY;R(K(u(),Math.exp(x*.002),N(e),s))}},ne=e=>{e.button===0&&(n.setPointerCapture(e.pointerId),l={x:e.clientX,range:u(),still:!0},e.shiftKey&&Object.assign(l,{from:j(e),was:E()}),n.classList.add(e.shiftKey?"cs-brushing":"cs-dragging"))},re=e=>{if(l&&Math.abs(e.clientX-l.x)>de&&(l.still=!1),l&&!l.still&&l.from!==void 0)_(F(l.from,j(e),t.get("full_range")));else if(l&&!l.still){let s=n.getBoundingClientRect().width||1;R(y(l.range,(l.x-e.clientX)/s,t.get("full_range")))}A(j(e))},O=e=>{l?.still&&l.from!==void 0?_(null):l?.still&&e.type==="pointerup"&&S(j(e),pe),l=null,n.classList.remove("cs-dragging","cs-brushing")},se=()=>{l||A(null)},ae=()=>{clearTimeout(B),R(t.get("full_range"))},oe=e=>{let s=b();if(e==="Escape"&&l?.from!==void 0)_(l.was??null),l=null;else if(e==="Escape"&&E())_(null);else if((e==="["||e==="]")&&s!==null)_(H(E(),e==="["?"begin":"end",s,u(),t.get("full_range")));else return!1;return!0},ie=e=>{let s=V(e,b(),u());return s===null?!1:(A(s),!0)},X=[["wheel",te],["pointerdown",ne],["pointermove",re],["pointerup",O],["pointercancel",O],["pointerleave",se],["dblclick",ae],["keydown",e=>{if(e.ctrlKey||e.metaKey||e.altKey)return;let s=b();if(e.key==="Enter"&&s!==null){e.preventDefault(),e.stopPropagation(),S(s);return}if(oe(e.key)||ie(e.key)){e.preventDefault(),e.stopPropagation();return}let d=W(e.key,u(),t.get("full_range"));d&&(e.preventDefault(),e.stopPropagation(),R(d))}]];for(let[e,s]of X)n.addEventListener(e,s,{passive:!1});let I=[[i,"change:time_range",f],[i,"change:cursor_s",z],[t,"change:full_range",f],[t,"change:readout",q],[t,"change:margins",P],[t,"change:label",D],[t,"change:marks",T],[t,"change:brush",L],[t,"change:words",$]];for(let[e,s,d]of I)e.on(s,d);let Y=new ResizeObserver(()=>{let e=Math.round(n.getBoundingClientRect().width);e>0&&e!==t.get("width_px")&&(t.set("width_px",e),t.save_changes())});return Y.observe(n),()=>{clearTimeout(B),cancelAnimationFrame(v),Y.disconnect();for(let[e,s,d]of I)e.off(s,d);for(let[e,s]of X)n.removeEventListener(e,s)}},_e={render:me};export{_e as default};
