function F(e,r,n){let o=b=>Math.min(Math.max(b,n[0]),n[1]),[a,g]=[o(Math.min(e,r)),o(Math.max(e,r))];return g>a?[a,g]:null}function W(e,r,n,o,a){if(r==="begin"){let b=e&&e[1]>n?e[1]:o[1];return F(n,Math.max(b,n),a)}let g=e&&e[0]<n?e[0]:o[0];return F(Math.min(g,n),n,a)}function U(e){return Array.isArray(e)&&e.length===2&&e.every(Number.isFinite)&&e[1]>e[0]}function v(e,r){let n=Math.min(e[1]-e[0],r[1]-r[0]),o=Math.min(Math.max(e[0],r[0]),r[1]-n);return[o,o+n]}function K(e,r,n,o){let a=e[1]-e[0],g=(o[1]-o[0])/2e4,b=Math.min(Math.max(a*r,g),o[1]-o[0]),h=e[0]+(a-b)*n;return v([h,h+b],o)}function y(e,r,n){let o=(e[1]-e[0])*r;return v([e[0]+o,e[1]+o],n)}function w(e,r){return(e-r[0])/(r[1]-r[0])}function V(e,r,n){switch(e){case"ArrowLeft":return y(r,-.1,n);case"ArrowRight":return y(r,.1,n);case"PageUp":return y(r,-.9,n);case"PageDown":return y(r,.9,n);case"Home":return v([n[0],n[0]+(r[1]-r[0])],n);case"End":return v([n[1]-(r[1]-r[0]),n[1]],n);case"+":case"=":return K(r,1/1.5,.5,n);case"-":return K(r,1.5,.5,n);case"0":return n;default:return null}}function G(e,r,n){let a={",":-1,".":1,"<":-10,">":10,";":-10,":":10}[e];if(a===void 0)return null;let g=n[1]-n[0],b=r!==null&&r>=n[0]&&r<=n[1],h=b?r:(n[0]+n[1])/2;return Math.min(Math.max(h+(b?a*g/500:0),n[0]),n[1])}var lt=800,ut=.03;function Q(e,r){let[n,o]=e.values??[0,1],a=c=>1-(c-n)/(o-n||1),g=[];for(let{start:c,stop:p,kind:i,title:u}of e.bands??[]){let m=Math.max(w(c,r),0),f=Math.min(w(p,r),1);if(f<0||m>1||f<m)continue;let k=f-m;g.push({kind:"band",className:`cs-kind-${/^[a-z]+$/.test(i)?i:"user"}`,x:m,y:0,width:k,height:1,title:k>=ut?u:""})}if(e.ceiling){let c=a(e.ceiling),p=a(-e.ceiling),i=(u,m)=>g.push({kind:"ceiling",className:"",x:0,y:u,width:1,height:m,title:""});c>0&&i(0,Math.min(c,1)),p<1&&i(Math.max(p,0),1-Math.max(p,0))}let b=(c,p)=>{let i=(c??[]).filter(m=>p(m)>=r[0]&&p(m)<=r[1]),u=Math.ceil(i.length/lt);return u>1?i.filter((m,f)=>f%u===0):i},h=(c,p,i)=>g.push({kind:c,className:"",x:w(p,r),y:i,width:0,height:0,title:""});for(let c of b(e.ticks,p=>p))h("tick",c,1);for(let[c,p]of b(e.peaks,([i])=>i))h("peak",c,J(a(p)));for(let[c,p]of b(e.manual,([i])=>i))h("manual",c,J(a(p)));return g}function J(e){return Math.min(Math.max(e,0),1)}var C=e=>`${(e*100).toFixed(3)}%`;function Z(e,r){for(;e.childElementCount>r.length;)e.lastElementChild.remove();for(;e.childElementCount<r.length;)e.append(document.createElement("div"));r.forEach((n,o)=>{let a=e.children[o];a.className=`cs-mark cs-mark-${n.kind} ${n.className}`.trim(),a.style.left=C(n.x),a.style.top=C(n.y),a.style.width=n.width?C(n.width):"",a.style.height=n.height?C(n.height):"",a.textContent!==n.title&&(a.textContent=n.title)})}var tt=`:root { --cs-trace-radon_velocity: #0b6bcb; --cs-trace-diameter: #8a4fbf; }
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
.cs-brush::after {
  content: attr(data-words); position: absolute; bottom: 2px; left: 4px; white-space: nowrap;
  font: 10.5px/1.3 var(--jp-ui-font-family, system-ui, sans-serif); font-variant-numeric: tabular-nums;
  color: var(--jp-ui-font-color1, #222); padding: 0 3px; border-radius: 3px;
  background: color-mix(in srgb, var(--jp-layout-color1, #fff) 78%, transparent);
}
.cs-brush[data-words=""]::after { content: none; }

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
.cs-trace-head > * { flex: none; }
.cs-trace-head .cs-pill { flex: 0 1 auto; overflow: hidden; text-overflow: ellipsis; }
.cs-trace-head .cs-keys { flex: 0 99 auto; display: flex; gap: 8px; overflow: hidden; min-width: 0; }
.cs-keys > .cs-key { flex: none; }
`;var dt=250,gt=3;async function et(e,r){if(!r)return null;let n=r.replace(/^IPY_MODEL_/,"");return await e.widget_manager.get_model(n)}function bt(e){return Array.isArray(e)&&e.length===2&&e.every(r=>Number.isFinite(r))&&e[1]>e[0]}function M(e){let r=document.createElement("div");return r.className=e,r}var mt=async({model:e,el:r})=>{if(!document.getElementById("cs-trace-style")){let t=document.createElement("style");t.id="cs-trace-style",t.textContent=tt,document.head.append(t)}r.classList.add("cs-trace-pointer");let n=M("cs-pointer-area"),o=M("cs-pointer-line"),a=M("cs-pointer-readout"),g=M("cs-marks"),b=M("cs-trace-empty"),h=M("cs-brush");n.tabIndex=0,n.setAttribute("role","application"),n.append(g,h,o,a,b),r.append(n);let c=await et(e,e.get("scale")),i=await et(e,e.get("viewer"))??e,u=()=>{let t=i.get("time_range");return bt(t)?t:e.get("full_range")},m=()=>{let t=i.get("cursor_s");return typeof t=="number"&&Number.isFinite(t)?t:null},f=()=>{let[t,s]=u();c&&(c.get("min")!==t||c.get("max")!==s)&&c.set({min:t,max:s}),z(),T(),L()},k=0,T=()=>{k||=requestAnimationFrame(()=>{k=0,Z(g,Q(e.get("marks"),u()))})},j=()=>{let t=e.get("brush");return U(t)?t:null},L=()=>{let t=j()?.map(x=>w(x,u()))??[2,2],[s,d]=t.map(x=>Math.min(Math.max(x,0),1));h.hidden=t[1]<0||t[0]>1,h.style.left=`${s*100}%`,h.style.width=`${(d-s)*100}%`},$=()=>{h.dataset.words=e.get("brush_words")},q=()=>{b.textContent=e.get("words")},z=()=>{let t=m(),s=t===null?-1:w(t,u()),d=!(s>=0&&s<=1);if(o.hidden=a.hidden=d,d)return;o.style.left=`${s*100}%`;let x=s>.5;a.style.left=x?"auto":`calc(${s*100}% + 8px)`,a.style.right=x?`calc(${(1-s)*100}% + 8px)`:"auto"},P=()=>{a.textContent=e.get("readout")},D=()=>{let{left:t,right:s,top:d,bottom:x}=e.get("margins");n.style.inset=`${d}px ${s}px ${x}px ${t}px`},N=()=>n.setAttribute("aria-label",e.get("label"));D(),N(),f(),P(),q(),$();let R=t=>{i.set({time_range:[...v(t,e.get("full_range"))]}),i.save_changes(),f()},A=t=>{i.set({cursor_s:t}),i.save_changes(),z()},_=t=>{e.set("brush",t&&[...t]),e.save_changes(),L()},S=t=>{let s=n.getBoundingClientRect();return s.width>0?Math.min(Math.max((t.clientX-s.left)/s.width,0),1):0},E=t=>{let[s,d]=u();return s+S(t)*(d-s)},B,O=(t,s=0)=>{clearTimeout(B),B=setTimeout(()=>{e.set("picked_s",t),e.save_changes()},s)},l=null,nt=t=>{t.preventDefault();let s=e.get("full_range"),d=t.shiftKey&&t.deltaY||t.deltaX;if(t.shiftKey||Math.abs(t.deltaX)>Math.abs(t.deltaY))R(y(u(),d/800,s));else{let x=t.deltaMode===1?t.deltaY*16:t.deltaY;R(K(u(),Math.exp(x*.002),S(t),s))}},rt=t=>{t.button===0&&(n.setPointerCapture(t.pointerId),l={x:t.clientX,range:u(),still:!0},t.shiftKey&&Object.assign(l,{from:E(t),was:j()}),n.classList.add(t.shiftKey?"cs-brushing":"cs-dragging"))},st=t=>{if(l&&Math.abs(t.clientX-l.x)>gt&&(l.still=!1),l&&!l.still&&l.from!==void 0)_(F(l.from,E(t),e.get("full_range")));else if(l&&!l.still){let s=n.getBoundingClientRect().width||1;R(y(l.range,(l.x-t.clientX)/s,e.get("full_range")))}A(E(t))},X=t=>{l?.still&&l.from!==void 0?_(null):l?.still&&t.type==="pointerup"&&O(E(t),dt),l=null,n.classList.remove("cs-dragging","cs-brushing")},at=()=>{l||A(null)},ot=()=>{clearTimeout(B),R(e.get("full_range"))},it=t=>{let s=m();if(t==="Escape"&&l?.from!==void 0)_(l.was??null),l=null;else if(t==="Escape"&&j())_(null);else if((t==="["||t==="]")&&s!==null)_(W(j(),t==="["?"begin":"end",s,u(),e.get("full_range")));else return!1;return!0},ct=t=>{let s=G(t,m(),u());return s===null?!1:(A(s),!0)},I=[["wheel",nt],["pointerdown",rt],["pointermove",st],["pointerup",X],["pointercancel",X],["pointerleave",at],["dblclick",ot],["keydown",t=>{if(t.ctrlKey||t.metaKey||t.altKey)return;let s=m();if(t.key==="Enter"&&s!==null){t.preventDefault(),t.stopPropagation(),O(s);return}if(it(t.key)||ct(t.key)){t.preventDefault(),t.stopPropagation();return}let d=V(t.key,u(),e.get("full_range"));d&&(t.preventDefault(),t.stopPropagation(),R(d))}]];for(let[t,s]of I)n.addEventListener(t,s,{passive:!1});let Y=[[i,"change:time_range",f],[i,"change:cursor_s",z],[e,"change:full_range",f],[e,"change:readout",P],[e,"change:margins",D],[e,"change:label",N],[e,"change:marks",T],[e,"change:brush",L],[e,"change:brush_words",$],[e,"change:words",q]];for(let[t,s,d]of Y)t.on(s,d);let H=new ResizeObserver(()=>{let t=Math.round(n.getBoundingClientRect().width);t>0&&t!==e.get("width_px")&&(e.set("width_px",t),e.save_changes())});return H.observe(n),()=>{clearTimeout(B),cancelAnimationFrame(k),H.disconnect();for(let[t,s,d]of Y)t.off(s,d);for(let[t,s]of I)n.removeEventListener(t,s)}},jt={render:mt};export{jt as default};
