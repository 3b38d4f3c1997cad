// Comfort only: every page works without this script. ES5, for old phones.
// 1. Buttons with data-print print; folded details open on paper.
// 2. When the hub says that something changed, the page is fetched again: its banners are swapped, and <main data-live> unless
//    somebody is at work in it.
// 3. Where somebody asked for it by the button data-sound, a banner that this phone has not heard of sounds.
(function () {
  'use strict';
  var doc = document, each = Array.prototype.forEach, audio = null;

  function all(what, act) { each.call(doc.querySelectorAll(what), act); }

  // A phone may refuse to keep anything; then it stays silent.
  function kept(name, value) {
    try {
      if (value !== undefined) { localStorage.setItem(name, value); }
      return localStorage.getItem(name);
    } catch (refused) { return null; }
  }

  function ring() {
    var Audio = window.AudioContext || window.webkitAudioContext, i, tone, gain;
    if (!Audio) { return; }
    audio = audio || new Audio();
    if (audio.resume) { audio.resume(); }
    for (i = 0; i < 6; i++) {
      tone = audio.createOscillator();
      gain = audio.createGain();
      tone.type = 'square';
      tone.frequency.value = i % 2 ? 660 : 880;
      gain.gain.value = 0.2;
      tone.connect(gain);
      gain.connect(audio.destination);
      tone.start(audio.currentTime + i * 0.25);
      tone.stop(audio.currentTime + i * 0.25 + 0.2);
    }
  }

  function alarm() {
    var ids = [], heard = ' ' + kept('heard') + ' ', news = false;
    all('[data-alarm]', function (banner) {
      var id = banner.getAttribute('data-alarm');
      ids.push(id);
      if (heard.indexOf(' ' + id + ' ') < 0) { news = true; }
    });
    if (ids.length) { kept('heard', ids.join(' ')); }
    if (news && kept('sound') === 'yes') { ring(); }
  }

  function buttons() {
    all('[data-print], [data-sound]', function (button) { button.hidden = false; });
    all('[data-sound]', function (button) { button.setAttribute('aria-pressed', kept('sound') === 'yes'); });
  }
  doc.addEventListener('click', function (event) {
    var node = event.target;
    if (audio && audio.resume) { audio.resume(); } // a browser may hold the tones back until somebody taps
    while (node && node !== doc) {
      if (node.hasAttribute('data-print')) { window.print(); return; }
      if (node.hasAttribute('data-sound')) {
        if (kept('sound', kept('sound') === 'yes' ? 'no' : 'yes') === 'yes') { ring(); }
        buttons();
        return;
      }
      node = node.parentNode;
    }
  });
  window.addEventListener('beforeprint', function () {
    all('details', function (fold) { fold.open = true; });
  });
  buttons();
  alarm();

  var main = doc.querySelector('main'), banners = doc.getElementById('banners');
  if (!main || !banners || !window.EventSource || !window.fetch || !window.DOMParser) { return; }
  var source = null, fetching = false, stale = false, touched = false, live = main.hasAttribute('data-live');
  main.addEventListener('input', function () { touched = true; });
  main.addEventListener('submit', function () { fetching = true; }); // the next page hears what is said

  function atWork() {
    var focus = doc.activeElement, selection = String(window.getSelection());
    return touched || selection !== '' || (focus !== main && main.contains(focus));
  }

  // What the reader opened stays open, and what was just said stays said.
  function swap(next) {
    var flash = main.querySelector('.flash'), old = main.querySelectorAll('details');
    if (flash) { next.insertBefore(doc.importNode(flash, true), next.firstChild); }
    each.call(next.querySelectorAll('details'), function (fold, i) { fold.open = !!(old[i] && old[i].open); });
    each.call(next.querySelectorAll('[data-print]'), function (button) { button.hidden = false; });
    if (next.innerHTML !== main.innerHTML) { main.innerHTML = next.innerHTML; }
    buttons();
  }

  function arrive(html) {
    var page = new DOMParser().parseFromString(html, 'text/html');
    var over = page.getElementById('banners'), next = page.querySelector('main[data-live]');
    if (over && over.innerHTML !== banners.innerHTML) {
      banners.innerHTML = over.innerHTML;
      alarm();
    }
    if (!live || !next) { return; }
    if (atWork()) { stale = true; } else { swap(next); }
  }

  function refresh() {
    if (fetching || doc.hidden) { stale = true; return; }
    stale = false;
    fetching = true;
    var again = false;
    fetch(location.href, { credentials: 'same-origin', headers: { Accept: 'text/html' } }).then(function (answer) {
      return answer.text();
    }).then(function (html) {
      fetching = false;
      again = stale;
      arrive(html);
      if (again) { refresh(); }
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
    setTimeout(function () { if (stale && !atWork()) { refresh(); } }, 300);
  });
  listen();
})();
