/* The report's script: the slider, the flicker, hiding marks, sorting. Without it the photos stand
 * side by side and everything else reads the same. */
#include "report/html.h"

const char *const page_js =
    "(function(){\n'use strict';\n"
    "var each=function(list,f){Array.prototype.forEach.call(list,f)};\n"
    "var all=function(q,root){return (root||document).querySelectorAll(q)};\n"
    "document.documentElement.classList.add('live');\n"
    /* hide marks */
    "each(all('.show-marks'),function(box){var host=box.closest('.compare,.photo');"
    "var set=function(){host.classList.toggle('bare',!box.checked)};"
    "box.addEventListener('change',set);set()});\n"
    /* slider and flicker */
    "each(all('.compare'),function(host){\n"
    "var stage=host.querySelector('.stage'),slide=host.querySelector('.slide'),"
    "button=host.querySelector('.flicker'),timer=0;\n"
    "var show=function(v){stage.style.setProperty('--at',v+'%')};\n"
    "slide.addEventListener('input',function(){stop();show(slide.value)});\n"
    "var stop=function(){if(!timer)return;clearInterval(timer);timer=0;"
    "stage.classList.remove('flick');button.setAttribute('aria-pressed','false');"
    "show(slide.value)};\n"
    "button.addEventListener('click',function(){if(timer){stop();return}"
    "var at=100;stage.classList.add('flick');button.setAttribute('aria-pressed','true');show(at);"
    /* two changes in 1.6 s: far below the three flashes a second that can trigger seizures */
    "timer=setInterval(function(){at=100-at;show(at)},800)});\n"
    "show(slide.value)});\n"
    /* sorting */
    "var key=function(row,i){var c=row.cells[i];return c.dataset.v===undefined?"
    "(c.classList.contains('n')?NaN:c.textContent.trim()):parseFloat(c.dataset.v)};\n"
    "each(all('table.sortable'),function(table){\n"
    "var heads=all('tr.sort th',table),body=table.tBodies[0];\n"
    /* not a <button>: Chromium leaves those out of the heads that it repeats on printed pages */
    "each(heads,function(th,i){var b=document.createElement('span');"
    "b.setAttribute('role','button');b.tabIndex=0;"
    "b.addEventListener('keydown',function(e){if(e.key==='Enter'||e.key===' ')"
    "{e.preventDefault();b.click()}});"
    "while(th.firstChild)b.appendChild(th.firstChild);th.appendChild(b);"
    "th.setAttribute('aria-sort','none');\n"
    "b.addEventListener('click',function(){"
    "var up=th.getAttribute('aria-sort')!=='ascending',sign=up?1:-1;"
    "each(heads,function(o){o.setAttribute('aria-sort','none')});"
    "th.setAttribute('aria-sort',up?'ascending':'descending');\n"
    /* rows without a number stay last, either way; equal rows keep their order */
    "Array.prototype.slice.call(body.rows).map(function(r,n){return{r:r,n:n,k:key(r,i)}})"
    ".sort(function(a,b){var x=a.k!==a.k,y=b.k!==b.k;if(x||y)return x-y||a.n-b.n;"
    "return (a.k<b.k?-1:a.k>b.k?1:0)*sign||a.n-b.n})"
    ".forEach(function(o){body.appendChild(o.r)})})})});\n"
    /* a row points at its stria in the pictures of its section */
    "each(all('table.striae tbody tr'),function(row){"
    "var table=row.closest('[data-marks]');if(!table)return;"
    "var set=function(on){table.dataset.marks.split(' ').forEach(function(id){"
    "each(all('#'+id+' g'),function(g){if(g.dataset.s===row.dataset.s)"
    "g.classList.toggle('hot',on)})})};"
    "row.addEventListener('mouseenter',function(){set(true)});"
    "row.addEventListener('mouseleave',function(){set(false)})});\n"
    "})();\n";
