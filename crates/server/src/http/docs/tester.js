// The cron tester: asks the server, which is the one truth about instants, whenever something was typed.
(function () {
  "use strict";
  var form = document.getElementById("tester");
  var said = document.getElementById("t-said");
  var table = document.getElementById("t-instants");
  var fields = { "/schedule/expression": "t-expression", "/schedule/time_zone": "t-zone" };
  var notes = {
    gap_moved: "skipped hour: moved here",
    gap_skipped: "one before was in the skipped hour",
    repeat_first: "hour comes twice: the first",
    repeat_second: "hour comes twice: the second",
  };

  var zones = document.getElementById("t-zones");
  if (Intl.supportedValuesOf) {
    Intl.supportedValuesOf("timeZone").forEach(function (zone) {
      var option = document.createElement("option");
      option.value = zone;
      zones.append(option);
    });
  }
  var own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (own) form.elements.time_zone.value = own;

  function complain(id, message) {
    var field = document.getElementById(id);
    document.getElementById(id + "-error").textContent = message;
    if (message) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }

  function fromNow(at) {
    var seconds = (new Date(at) - Date.now()) / 1000;
    var units = [
      ["year", 31557600],
      ["month", 2629800],
      ["day", 86400],
      ["hour", 3600],
      ["minute", 60],
      ["second", 1],
    ];
    var unit = units.find(function (one) {
      return Math.abs(seconds) >= one[1];
    }) || units[5];
    return new Intl.RelativeTimeFormat("en").format(Math.round(seconds / unit[1]), unit[0]);
  }

  function local(text) {
    // The date and the time as the server wrote them: the browser's zones may be older.
    var day = new Date(text.slice(0, 10) + "T00:00:00Z");
    var name = day.toLocaleDateString("en", { weekday: "short", timeZone: "UTC" });
    return name + " " + text.slice(0, 10) + " " + text.slice(11, 19) + " " + text.slice(19);
  }

  function show(preview) {
    said.textContent = preview.description + " (" + preview.time_zone + ")";
    var rows = preview.data.map(function (one) {
      var row = document.createElement("tr");
      [local(one.local), one.at.slice(0, 19).replace("T", " "), fromNow(one.at), notes[one.note] || ""].forEach(function (text) {
        var cell = document.createElement("td");
        cell.textContent = text;
        row.append(cell);
      });
      if (one.note) row.className = "noted";
      return row;
    });
    table.tBodies[0].replaceChildren.apply(table.tBodies[0], rows);
    table.hidden = rows.length === 0;
  }

  function refuse(problem) {
    table.hidden = true;
    var rest = (problem.errors || []).filter(function (error) {
      var id = fields[error.pointer];
      if (id) complain(id, error.message);
      return !id;
    });
    said.textContent = rest.length || !(problem.errors || []).length ? problem.detail || "The server did not answer." : "";
  }

  function request() {
    var values = form.elements;
    var body = {
      schedule: {
        type: "cron",
        expression: values.expression.value,
        time_zone: values.time_zone.value,
        on_gap: values.on_gap.value,
        on_repeat: values.on_repeat.value,
      },
      count: 10,
    };
    if (values.from.value) body.from = values.from.value + "T00:00:00Z";
    return body;
  }

  var under_way = null;
  function ask() {
    if (under_way) under_way.abort();
    var mine = new AbortController();
    under_way = mine;
    fetch("/docs/preview", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(request()),
      signal: mine.signal,
    })
      .then(function (answer) {
        return answer.json().then(function (body) {
          if (mine !== under_way) return;
          Object.values(fields).forEach(function (id) {
            complain(id, "");
          });
          if (answer.ok) show(body);
          else refuse(body);
        });
      })
      .catch(function (error) {
        if (error.name !== "AbortError") refuse({ detail: "The server cannot be reached." });
      });
  }

  var timer = 0;
  form.addEventListener("input", function () {
    clearTimeout(timer);
    timer = setTimeout(ask, 250);
  });
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    ask();
  });
  ask();
})();
