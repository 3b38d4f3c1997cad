// Paints over what nobody needs to see on a receipt, before it leaves the phone. Comfort only: without this script a receipt is shown
// whole or kept private. ES5, for old phones.
// Every chosen picture is drawn on a canvas. Two touches are opposite corners of a black rectangle: a drag would take the page's scrolling
// away. What is painted is sent in the field "public", one file for each in "receipt".
(function () {
  'use strict';
  var doc = document, most = 1600, corner = null, sheets = [];
  try { new DataTransfer().items.add(new File([], 'x')); } catch (old) { return; }

  function box() { return doc.querySelector('[data-paint]'); }

  // The third choice beside "all" and "private" is there only where it can be kept.
  function choice() {
    var first = doc.querySelector('input[name=show]').parentNode, own = first.parentNode.querySelector('[value=painted]');
    if (own) { return own; }
    var label = first.cloneNode(true);
    own = label.querySelector('input');
    own.value = 'painted';
    own.checked = false;
    label.querySelector('span').textContent = box().getAttribute('data-paint');
    first.parentNode.insertBefore(label, first.nextSibling);
    return own;
  }

  function draw(sheet) {
    var scale = Math.min(1, most / Math.max(sheet.picture.width, sheet.picture.height));
    sheet.canvas.width = Math.max(1, Math.round(sheet.picture.width * scale));
    sheet.canvas.height = Math.max(1, Math.round(sheet.picture.height * scale));
    sheet.canvas.getContext('2d').drawImage(sheet.picture, 0, 0, sheet.canvas.width, sheet.canvas.height);
    sheet.painted = false;
    corner = null;
  }

  function lay(file) {
    var reader = new FileReader(), sheet = { canvas: doc.createElement('canvas'), picture: new Image() };
    sheet.canvas.className = 'picture';
    sheet.canvas.setAttribute('role', 'img');
    sheet.canvas.setAttribute('aria-label', box().getAttribute('data-paint'));
    sheets.push(sheet);
    box().querySelector('[data-sheets]').appendChild(sheet.canvas);
    sheet.picture.onload = function () {
      draw(sheet);
      sheet.ready = true;
      choice();
      box().hidden = false;
    };
    reader.onload = function () { sheet.picture.src = reader.result; };
    reader.readAsDataURL(file);
  }

  doc.addEventListener('change', function (event) {
    if (event.target.name !== 'receipt') { return; }
    sheets = [];
    corner = null;
    box().hidden = true;
    box().querySelector('[data-sheets]').textContent = '';
    for (var i = 0; i < event.target.files.length; i++) { lay(event.target.files[i]); }
  });

  function touch(sheet, event) {
    var canvas = sheet.canvas, pen = canvas.getContext('2d'), rect = canvas.getBoundingClientRect(), dot = canvas.width / 60;
    var x = (event.clientX - rect.left) * canvas.width / rect.width, y = (event.clientY - rect.top) * canvas.height / rect.height;
    pen.fillStyle = '#000';
    if (!corner || corner.canvas !== canvas) {
      corner = { canvas: canvas, x: x, y: y };
      pen.fillRect(x - dot / 2, y - dot / 2, dot, dot);
      return;
    }
    pen.fillRect(Math.min(x, corner.x), Math.min(y, corner.y), Math.abs(x - corner.x), Math.abs(y - corner.y));
    corner = null;
    sheet.painted = choice().checked = true;
  }

  // Who starts over has not decided what to show, so that nothing is.
  function again() {
    sheets.forEach(draw);
    doc.querySelector('input[name=show][value=private]').checked = true;
  }

  doc.addEventListener('click', function (event) {
    if (event.target.hasAttribute && event.target.hasAttribute('data-again')) { again(); }
    sheets.forEach(function (sheet) { if (sheet.canvas === event.target) { touch(sheet, event); } });
  });

  function file(canvas) {
    var raw = atob(canvas.toDataURL('image/jpeg', 0.85).split(',')[1]), bytes = new Uint8Array(raw.length);
    for (var i = 0; i < raw.length; i++) { bytes[i] = raw.charCodeAt(i); }
    return new File([bytes], 'public.jpg', { type: 'image/jpeg' });
  }

  function is(what) { return function (sheet) { return sheet[what]; }; }

  // Where nothing was painted, or anything goes wrong, nothing is sent as public, and the hub keeps the receipt private.
  doc.addEventListener('submit', function (event) {
    var field = event.target.querySelector('input[name=public]'), painted = event.target.querySelector('[value=painted]'), all;
    if (!field || !painted) { return; }
    all = new DataTransfer();
    if (painted.checked && sheets.every(is('ready')) && sheets.some(is('painted'))) {
      sheets.forEach(function (sheet) { all.items.add(file(sheet.canvas)); });
    }
    field.files = all.files;
  });
})();
