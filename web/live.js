// Comfort only: every page works without this script. ES5, for old phones.
// 1. Buttons with data-print print; folded details open on paper.
// 2. When the hub says that something changed, <main data-live> is fetched again and swapped, unless somebody is at work in it.
(function () {
  'use strict';
  var doc = document, each = Array.prototype.forEach;

  each.call(doc.querySelectorAll('[data-print]'), function (button) {
    button.hidden = false;
  });
  doc.addEventListener('click', function (event) {
    var node = event.target;
    while (node && node !== doc) {
      if (node.hasAttribute('data-print')) { window.print(); return; }
      node = node.parentNode;
    }
  });
  window.addEventListener('beforeprint', function () {
    each.call(doc.querySelectorAll('details'), function (fold) { fold.open = true; });
  });

  var main = doc.querySelector('main[data-live]');
  if (!main || !window.EventSource || !window.fetch || !window.DOMParser) { return; }
  var source = null, fetching = false, stale = false, touched = false;
  main.addEventListener('input', function () { touched = true; });

  function atWork() {
    var focus = doc.activeElement, selection = String(window.getSelection());
    return touched || selection !== '' || (focus !== main && main.contains(focus));
  }

  // What the reader opened stays open, and what was just said stays said.
  function swap(html) {
    var next = new DOMParser().parseFromString(html, 'text/html').querySelector('main[data-live]');
    if (!next) { return; }
    var flash = main.querySelector('.flash'), old = main.querySelectorAll('details');
    if (flash) { next.insertBefore(doc.importNode(flash, true), next.firstChild); }
    each.call(next.querySelectorAll('details'), function (fold, i) { fold.open = !!(old[i] && old[i].open); });
    each.call(next.querySelectorAll('[data-print]'), function (button) { button.hidden = false; });
    if (next.innerHTML !== main.innerHTML) { main.innerHTML = next.innerHTML; }
  }

  function refresh() {
    if (fetching || doc.hidden || atWork()) { stale = true; return; }
    stale = false;
    fetching = true;
    fetch(location.href, { credentials: 'same-origin', headers: { Accept: 'text/html' } }).then(function (answer) {
      return answer.ok ? answer.text() : '';
    }).then(function (html) {
      fetching = false;
      if (html && !atWork()) { swap(html); } else if (html) { stale = true; }
      if (stale) { refresh(); }
    }, function () { fetching = false; });
  }

  // A page that nobody looks at holds no connection: a small hub has few.
  function listen() {
    if (doc.hidden) {
      if (source) { source.close(); source = null; stale = true; }
      return;
    }
    if (!source) {
      source = new EventSource('/live');
      source.onopen = function () { doc.documentElement.setAttribute('data-open', ''); };
      source.addEventListener('change', refresh);
    }
    if (stale) { refresh(); }
  }
  doc.addEventListener('visibilitychange', listen);
  main.addEventListener('focusout', function () {
    setTimeout(function () { if (stale) { refresh(); } }, 300);
  });
  listen();
})();
