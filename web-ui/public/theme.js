// Sets the theme before the first paint. A file of its own, because the
// Content-Security-Policy allows no inline script.
(function () {
  var choice = "system";
  try {
    choice = localStorage.getItem("scheduler.theme") || "system";
  } catch {
    /* storage is blocked: follow the system */
  }
  var dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  var meta = document.querySelector('meta[name="theme-color"]');
  if (meta) meta.setAttribute("content", dark ? "#101114" : "#f7f7f9");
})();
