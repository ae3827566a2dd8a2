// The pages work without this file. It follows the theme that was chosen in the dashboard, opens the list of pages on a
// phone, and puts a button beside code that copies it. A file of its own, because the Content-Security-Policy allows no
// inline script.
(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("js");
  var choice = null;
  try {
    choice = localStorage.getItem("scheduler.theme");
  } catch {
    /* storage is blocked: follow the system */
  }
  if (choice === "light" || choice === "dark") root.dataset.theme = choice;

  function copy(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    // Browsers give pages without TLS no clipboard, except on localhost.
    var area = document.createElement("textarea");
    area.value = text;
    area.className = "offscreen";
    document.body.append(area);
    area.select();
    var done = document.execCommand("copy");
    area.remove();
    return done ? Promise.resolve() : Promise.reject(new Error("not copied"));
  }

  function addCopyButton(pre) {
    var frame = document.createElement("div");
    frame.className = "code";
    pre.replaceWith(frame);
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", function () {
      copy(pre.textContent.replace(/\n$/, "")).then(
        function () {
          button.textContent = "Copied";
        },
        function () {
          button.textContent = "Not copied";
        },
      );
      setTimeout(function () {
        button.textContent = "Copy";
      }, 1500);
    });
    pre.tabIndex = 0;
    frame.append(pre, button);
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("article pre").forEach(addCopyButton);
    var button = document.querySelector("button.menu");
    var pages = document.getElementById("pages");
    if (!button || !pages) return;
    function show(open) {
      pages.classList.toggle("open", open);
      button.setAttribute("aria-expanded", String(open));
    }
    button.addEventListener("click", function () {
      show(!pages.classList.contains("open"));
    });
    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && pages.classList.contains("open")) {
        show(false);
        button.focus();
      }
    });
  });
})();
