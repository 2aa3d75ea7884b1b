// Results while somebody types. Without this script the form works by its button.
"use strict";

(() => {
  const form = document.querySelector("form.search");
  const results = document.getElementById("results");
  const said = document.getElementById("said");
  if (!form || !results || !said) return;

  const PAUSE = 160; // milliseconds without a key until it is worth asking
  const field = form.elements.namedItem("q");
  // The home page shows results only once there is something to look for.
  const isHome = results.hidden;
  let asked = new AbortController();
  let timer = 0;
  let shown = query();

  function query() {
    const pairs = [...new FormData(form)].filter(([name, value]) => name === "q" || value !== "");
    return new URLSearchParams(pairs).toString();
  }

  function say(words) {
    said.textContent = words;
  }

  function show(html) {
    // Our own page's own markup, in which every text is escaped.
    results.innerHTML = html;
    results.hidden = false;
    const line = results.querySelector("[data-said]");
    say(line ? line.textContent : "");
  }

  function refuse(words) {
    const line = document.createElement("p");
    line.className = "problem";
    line.textContent = words;
    results.replaceChildren(line);
    results.hidden = false;
    say(words);
  }

  async function look() {
    const wanted = query();
    if (wanted === shown) return;
    asked.abort();
    if (isHome && field.value.trim() === "") {
      shown = wanted;
      results.hidden = true;
      return say("");
    }
    asked = new AbortController();
    const { signal } = asked;
    try {
      const address = `${form.action}?${wanted}`;
      const headers = { Accept: "*/*" };
      const reply = await fetch(`${address}&format=fragment`, { signal, headers });
      // Logged out meanwhile: the page itself leads to the login.
      if (reply.status === 401 || reply.redirected) return location.assign(address);
      const text = await reply.text();
      if (signal.aborted) return;
      shown = wanted;
      if (!reply.ok) return refuse(text);
      show(text);
      if (!isHome) history.replaceState(null, "", address);
    } catch (error) {
      if (error.name !== "AbortError") refuse("The server does not answer; try again in a moment.");
    }
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  }

  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
})();
