function S(t,s,n){let a=l=>Math.min(Math.max(l,n[0]),n[1]),[r,c]=[a(Math.min(t,s)),a(Math.max(t,s))];return c>r?[r,c]:null}function Q(t,s,n,a,r){if(s==="begin"){let l=t&&t[1]>n?t[1]:a[1];return S(n,Math.max(l,n),r)}let c=t&&t[0]<n?t[0]:a[0];return S(Math.min(c,n),n,r)}function tt(t){return Array.isArray(t)&&t.length===2&&t.every(Number.isFinite)&&t[1]>t[0]}function R(t,s){let n=Math.min(t[1]-t[0],s[1]-s[0]),a=Math.min(Math.max(t[0],s[0]),s[1]-n);return[a,a+n]}function L(t,s,n,a){let r=t[1]-t[0],c=(a[1]-a[0])/2e4,l=Math.min(Math.max(r*s,c),a[1]-a[0]),d=t[0]+(r-l)*n;return R([d,d+l],a)}function w(t,s,n){let a=(t[1]-t[0])*s;return R([t[0]+a,t[1]+a],n)}function x(t,s){return(t-s[0])/(s[1]-s[0])}function et(t,s,n){switch(t){case"ArrowLeft":return w(s,-.1,n);case"ArrowRight":return w(s,.1,n);case"PageUp":return w(s,-.9,n);case"PageDown":return w(s,.9,n);case"Home":return R([n[0],n[0]+(s[1]-s[0])],n);case"End":return R([n[1]-(s[1]-s[0]),n[1]],n);case"+":case"=":return L(s,1/1.5,.5,n);case"-":return L(s,1.5,.5,n);case"0":return n;default:return null}}function nt(t,s,n){let r={",":-1,".":1,"<":-10,">":10,";":-10,":":10}[t];if(r===void 0)return null;let c=n[1]-n[0],l=s!==null&&s>=n[0]&&s<=n[1],d=l?s:(n[0]+n[1])/2;return Math.min(Math.max(d+(l?r*c/500:0),n[0]),n[1])}var bt=800,kt=.03;function rt(t,s){let[n,a]=t.values??[0,1],r=i=>1-(i-n)/(a-n||1),c=[];for(let{start:i,stop:u,kind:h,title:g}of t.bands??[]){let p=Math.max(x(i,s),0),b=Math.min(x(u,s),1);if(b<0||p>1||b<p)continue;let k=b-p;c.push({kind:"band",className:`cs-kind-${/^[a-z]+$/.test(h)?h:"user"}`,x:p,y:0,width:k,height:1,title:k>=kt?g:""})}if(t.ceiling){let i=r(t.ceiling),u=r(-t.ceiling),h=(g,p)=>c.push({kind:"ceiling",className:"",x:0,y:g,width:1,height:p,title:""});i>0&&h(0,Math.min(i,1)),u<1&&h(Math.max(u,0),1-Math.max(u,0))}let l=(i,u)=>{let h=(i??[]).filter(p=>u(p)>=s[0]&&u(p)<=s[1]),g=Math.ceil(h.length/bt);return g>1?h.filter((p,b)=>b%g===0):h},d=(i,u,h)=>c.push({kind:i,className:"",x:x(u,s),y:h,width:0,height:0,title:""});for(let i of l(t.ticks,u=>u))d("tick",i,1);for(let[i,u]of l(t.peaks,([h])=>h))d("peak",i,st(r(u)));for(let[i,u]of l(t.manual,([h])=>h))d("manual",i,st(r(u)));return c}function st(t){return Math.min(Math.max(t,0),1)}var N=t=>`${(t*100).toFixed(3)}%`;function ot(t,s){for(;t.childElementCount>s.length;)t.lastElementChild.remove();for(;t.childElementCount<s.length;)t.append(document.createElement("div"));s.forEach((n,a)=>{let r=t.children[a];r.className=`cs-mark cs-mark-${n.kind} ${n.className}`.trim(),r.style.left=N(n.x),r.style.top=N(n.y),r.style.width=n.width?N(n.width):"",r.style.height=n.height?N(n.height):"",r.textContent!==n.title&&(r.textContent=n.title)})}var at="http://www.w3.org/2000/svg",C=1e3;function B(t){return new Float64Array(t.buffer.slice(t.byteOffset,t.byteOffset+t.byteLength))}function yt(t,s){let[n,a]=s,r=a-n||1;return(c,l)=>`${(C*x(c,t)).toFixed(1)},${(C*(1-(l-n)/r)).toFixed(1)}`}function it([t,s],n){let a="",r="M";for(let c=0;c<t.length;c++){let l=Number.isFinite(t[c])&&Number.isFinite(s[c]);l&&(a+=r+n(t[c],s[c])),r=l?"L":"M"}return a}function xt([t,s],n){let a="";for(let r=0;r<t.length;r++)Number.isFinite(t[r])&&Number.isFinite(s[r])&&(a+=`M${n(t[r],s[r])}h0`);return a}function wt(t,s,n,a){let r="",c=-1;for(let l=0;l<=t.length;l++){let d=l<t.length&&Number.isFinite(s[l])&&Number.isFinite(n[l]);if(d&&c<0&&(c=l),!(d||c<0)){for(let i=c;i<l;i++)r+=(i===c?"M":"L")+a(t[i],n[i]);for(let i=l-1;i>=c;i--)r+="L"+a(t[i],s[i]);r+="Z",c=-1}}return r}function vt(t){let{time:s,lines:n,opacities:a,band:r,strokes:c,color:l="",aside:d=""}=t,i=[];if(r){let[h,g,p]=r.map(B),b=k=>wt(h,g,p,k);i.push({className:"cs-sketch-band",path:b,color:l,opacity:.16})}if(c){let h=c.map(B),g=p=>it(h,p);i.push({className:"cs-sketch-aside",path:g,color:d,opacity:.5})}let u=s&&B(s);for(let[h,g]of(u?n??[]:[]).entries()){let p=[u,B(g)],b=a?.[h]??1,k=v=>it(p,v);if(i.push({className:"cs-sketch-line",path:k,color:l,opacity:b}),!t.dots)continue;let _=v=>xt(p,v);i.push({className:"cs-sketch-dots",path:_,color:l,opacity:b})}return i}var T=class{constructor(s){this.plot=s;this.root.setAttribute("class","cs-sketch"),this.root.setAttribute("viewBox",`0 0 ${C} ${C}`),this.root.setAttribute("preserveAspectRatio","none"),this.root.setAttribute("aria-hidden","true")}plot;root=document.createElementNS(at,"svg");strokes=[];hiding;show(s,n,a){if(clearTimeout(this.hiding),!s.time){this.hiding=setTimeout(()=>this.hide(),this.strokes.length?50:0);return}this.strokes=vt(s),this.root.dataset.bounds=s.bounds??"",this.plot()?.classList.add("cs-sketched"),this.redraw(n,a)}redraw(s,n){let a=yt(s,n);for(;this.root.childElementCount>this.strokes.length;)this.root.lastElementChild.remove();for(;this.root.childElementCount<this.strokes.length;)this.root.append(document.createElementNS(at,"path"));this.strokes.forEach(({className:r,path:c,color:l,opacity:d},i)=>{let u=this.root.children[i];u.getAttribute("class")!==r&&u.setAttribute("class",r),u.style.setProperty("--cs-sketch-color",l),u.style.opacity=String(d),u.setAttribute("d",c(a))})}dispose(){clearTimeout(this.hiding),this.plot()?.classList.remove("cs-sketched")}hide(){this.strokes=[],this.root.replaceChildren(),delete this.root.dataset.bounds,this.plot()?.classList.remove("cs-sketched")}};var ct=`:root { --cs-trace-radon_velocity: #0b6bcb; --cs-trace-diameter: #8a4fbf; }
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

/* A preview, in the place of the figure's own marks */
.cs-sketch { position: absolute; inset: 0; width: 100%; height: 100%; overflow: hidden; pointer-events: none; display: none; }
.cs-sketched .cs-sketch { display: block; }
.cs-sketched .bqplot :is(path.line, path.area) { visibility: hidden; }
.cs-sketch > path {
  fill: none; stroke: var(--cs-sketch-color); stroke-width: 1.4px; vector-effect: non-scaling-stroke;
  stroke-linecap: round; stroke-linejoin: round;
}
.cs-sketch > .cs-sketch-aside { stroke-width: 1.5px; }
.cs-sketch > .cs-sketch-dots { stroke-width: 4.5px; }
.cs-sketch > .cs-sketch-band { stroke: none; fill: var(--cs-sketch-color); }

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
/* what has no room goes into a second line, which is not seen, rather than being cut in a word */
.cs-trace-head .cs-keys { flex: 0 99 auto; display: flex; flex-wrap: wrap; gap: 0 8px; max-height: 20px; overflow: hidden; min-width: 0; }
.cs-keys > .cs-key { flex: none; }
`;var Mt=250,_t=3;async function lt(t,s){if(!s)return null;let n=s.replace(/^IPY_MODEL_/,"");return await t.widget_manager.get_model(n)}function Et(t){return Array.isArray(t)&&t.length===2&&t.every(s=>Number.isFinite(s))&&t[1]>t[0]}function M(t){let s=document.createElement("div");return s.className=t,s}var Ft=async({model:t,el:s})=>{if(!document.getElementById("cs-trace-style")){let e=document.createElement("style");e.id="cs-trace-style",e.textContent=ct,document.head.append(e)}s.classList.add("cs-trace-pointer");let n=M("cs-pointer-area"),a=M("cs-pointer-line"),r=M("cs-pointer-readout"),c=M("cs-marks"),l=M("cs-trace-empty"),d=M("cs-brush");n.tabIndex=0,n.setAttribute("role","application");let i=new T(()=>s.closest(".cs-trace-plot"));n.append(i.root,c,d,a,r,l),s.append(n);let u=await lt(t,t.get("scale")),g=await lt(t,t.get("viewer"))??t,p=()=>{let e=g.get("time_range");return Et(e)?e:t.get("full_range")},b=()=>{let e=g.get("cursor_s");return typeof e=="number"&&Number.isFinite(e)?e:null},k=()=>{let[e,o]=p();u&&(u.get("min")!==e||u.get("max")!==o)&&u.set({min:e,max:o}),D(),v(),$()},_=0,v=()=>{_||=requestAnimationFrame(()=>{_=0,ot(c,rt(t.get("marks"),p())),i.redraw(p(),O())})},O=()=>t.get("marks").values??[0,1],z=()=>i.show(t.get("sketch"),p(),O()),j=()=>{let e=t.get("brush");return tt(e)?e:null},$=()=>{let e=j()?.map(y=>x(y,p()))??[2,2],[o,m]=e.map(y=>Math.min(Math.max(y,0),1));d.hidden=e[1]<0||e[0]>1,d.style.left=`${o*100}%`,d.style.width=`${(m-o)*100}%`},q=()=>{d.dataset.words=t.get("brush_words")},V=()=>{l.textContent=t.get("words")},D=()=>{let e=b(),o=e===null?-1:x(e,p()),m=!(o>=0&&o<=1);if(a.hidden=r.hidden=m,m)return;a.style.left=`${o*100}%`;let y=o>.5;r.style.left=y?"auto":`calc(${o*100}% + 8px)`,r.style.right=y?`calc(${(1-o)*100}% + 8px)`:"auto"},X=()=>{r.textContent=t.get("readout")},I=()=>{let{left:e,right:o,top:m,bottom:y}=t.get("margins");n.style.inset=`${m}px ${o}px ${y}px ${e}px`},Y=()=>n.setAttribute("aria-label",t.get("label"));I(),Y(),k(),X(),V(),q(),z();let E=e=>{g.set({time_range:[...R(e,t.get("full_range"))]}),g.save_changes(),k()},K=e=>{g.set({cursor_s:e}),g.save_changes(),D()},F=e=>{t.set("brush",e&&[...e]),t.save_changes(),$()},H=e=>{let o=n.getBoundingClientRect();return o.width>0?Math.min(Math.max((e.clientX-o.left)/o.width,0),1):0},A=e=>{let[o,m]=p();return o+H(e)*(m-o)},P,W=(e,o=0)=>{clearTimeout(P),P=setTimeout(()=>{t.set("picked_s",e),t.save_changes()},o)},f=null,pt=e=>{e.preventDefault();let o=t.get("full_range"),m=e.shiftKey&&e.deltaY||e.deltaX;if(e.shiftKey||Math.abs(e.deltaX)>Math.abs(e.deltaY))E(w(p(),m/800,o));else{let y=e.deltaMode===1?e.deltaY*16:e.deltaY;E(L(p(),Math.exp(y*.002),H(e),o))}},ut=e=>{e.button===0&&(n.setPointerCapture(e.pointerId),f={x:e.clientX,range:p(),still:!0},e.shiftKey&&Object.assign(f,{from:A(e),was:j()}),n.classList.add(e.shiftKey?"cs-brushing":"cs-dragging"))},ht=e=>{if(f&&Math.abs(e.clientX-f.x)>_t&&(f.still=!1),f&&!f.still&&f.from!==void 0)F(S(f.from,A(e),t.get("full_range")));else if(f&&!f.still){let o=n.getBoundingClientRect().width||1;E(w(f.range,(f.x-e.clientX)/o,t.get("full_range")))}K(A(e))},U=e=>{f?.still&&f.from!==void 0?F(null):f?.still&&e.type==="pointerup"&&W(A(e),Mt),f=null,n.classList.remove("cs-dragging","cs-brushing")},dt=()=>{f||K(null)},gt=()=>{clearTimeout(P),E(t.get("full_range"))},ft=e=>{let o=b();if(e==="Escape"&&f?.from!==void 0)F(f.was??null),f=null;else if(e==="Escape"&&j())F(null);else if((e==="["||e==="]")&&o!==null)F(Q(j(),e==="["?"begin":"end",o,p(),t.get("full_range")));else return!1;return!0},mt=e=>{let o=nt(e,b(),p());return o===null?!1:(K(o),!0)},G=[["wheel",pt],["pointerdown",ut],["pointermove",ht],["pointerup",U],["pointercancel",U],["pointerleave",dt],["dblclick",gt],["keydown",e=>{if(e.ctrlKey||e.metaKey||e.altKey)return;let o=b();if(e.key==="Enter"&&o!==null){e.preventDefault(),e.stopPropagation(),W(o);return}if(ft(e.key)||mt(e.key)){e.preventDefault(),e.stopPropagation();return}let m=et(e.key,p(),t.get("full_range"));m&&(e.preventDefault(),e.stopPropagation(),E(m))}]];for(let[e,o]of G)n.addEventListener(e,o,{passive:!1});let Z=[[g,"change:time_range",k],[g,"change:cursor_s",D],[t,"change:full_range",k],[t,"change:readout",X],[t,"change:margins",I],[t,"change:label",Y],[t,"change:marks",v],[t,"change:sketch",z],[t,"change:brush",$],[t,"change:brush_words",q],[t,"change:words",V]];for(let[e,o,m]of Z)e.on(o,m);let J=new ResizeObserver(()=>{let e=Math.round(n.getBoundingClientRect().width);e>0&&e!==t.get("width_px")&&(t.set("width_px",e),t.save_changes())});return J.observe(n),()=>{clearTimeout(P),cancelAnimationFrame(_),J.disconnect(),i.dispose();for(let[e,o,m]of Z)e.off(o,m);for(let[e,o]of G)n.removeEventListener(e,o)}},zt={render:Ft};export{zt as default};
