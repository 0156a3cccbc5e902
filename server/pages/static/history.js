// Draws the table of scores over time as a chart. The table stays: it is what is read without JavaScript.
"use strict";
/* global uPlot */
(() => {
  const chart = document.getElementById("chart");
  const rows = [...document.querySelectorAll("#history tbody tr")].reverse();
  if (!chart || rows.length < 2) return;

  const number = (/** @type {string | undefined} */ text) => (text === undefined ? null : Number(text));
  const times = rows.map((row) => Date.parse(row.dataset.time) / 1000);
  const column = (/** @type {string} */ name) => rows.map((row) => number(row.dataset[name]));
  const changes = times.filter((_, i) => "newFormula" in rows[i].dataset);
  const colour = (/** @type {string} */ name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // Days apart are told by their date; hours apart, as after the first look-ups, by the clock as well.
  const close = times[times.length - 1] - times[0] < 3 * 86400;
  const label = (/** @type {number} */ time) =>
    new Date(time * 1000).toLocaleString("en-GB", { day: "numeric", month: "short", ...(close && { hour: "2-digit", minute: "2-digit" }) });

  // A score of another formula cannot be compared with the one before: a dashed line says so.
  function drawChanges(plot) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.strokeStyle = colour("--dim");
    ctx.fillStyle = colour("--dim");
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.setLineDash([4, 4]);
    for (const time of changes) {
      const x = plot.valToPos(time, "x", true);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      const roomRight = bbox.left + bbox.width - x > 90 * devicePixelRatio;
      ctx.textAlign = roomRight ? "left" : "right";
      ctx.fillText("new formula", x + (roomRight ? 5 : -5), bbox.top + 12 * devicePixelRatio);
    }
    ctx.restore();
  }

  function draw() {
    const axis = { stroke: colour("--dim"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
    const hidden = { stroke: "transparent", points: { show: false } };
    chart.replaceChildren();
    return new uPlot(
      {
        width: chart.clientWidth,
        height: 220,
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { range: (_, low, high) => [low - (high - low) * 0.03, high + (high - low) * 0.03] }, y: { range: [0, 100] } },
        axes: [{ ...axis, space: 70, values: (_, ticks) => ticks.map(label) }, { ...axis, size: 38 }],
        series: [{}, hidden, hidden, { stroke: colour("--talk"), width: 2, points: { show: true, size: 6 } }],
        bands: [{ series: [2, 1], fill: colour("--haze") }],
        hooks: { draw: [drawChanges] },
      },
      [times, column("low"), column("high"), column("score")],
      chart,
    );
  }

  chart.hidden = false;
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-label", `Score over time, ${rows.length} points; the table below holds the numbers`);
  document.getElementById("history-rows").removeAttribute("open");
  let plot = draw();
  new ResizeObserver(() => plot.setSize({ width: chart.clientWidth, height: 220 })).observe(chart);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    plot.destroy();
    plot = draw();
  });
})();
