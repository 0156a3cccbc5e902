// Draws an account over time. The tables beside the charts stay: they are what is read without JavaScript.
"use strict";
/* global uPlot */
(() => {
  const charts = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".chart[data-chart]"))];
  const source = /** @type {HTMLElement | null} */ (document.querySelector("[data-over-time]"))?.dataset.overTime;
  if (!charts.length || !source) return;

  /**
   * What comes from the service: server/pages/history_pages.py, over_time.
   * @typedef {object} OverTime
   * @property {number[]} time
   * @property {uPlot.Column} score
   * @property {uPlot.Column} low
   * @property {uPlot.Column} high
   * @property {boolean[]} new_formula
   * @property {uPlot.Column} true_reach
   * @property {uPlot.Column} amplification
   * @property {uPlot.Column} network
   * @property {uPlot.Column} share
   * @property {uPlot.Column} share_low
   * @property {uPlot.Column} share_high
   * @property {{time: number[], followers: number[]}} followers
   * @property {{time: number, words: string}[]} marks
   */
  /**
   * @typedef {object} Kind
   * @property {(data: OverTime) => uPlot.Column[]} columns
   * @property {(data: OverTime) => number[]} [times]  where they are others than those of the scores
   * @property {() => uPlot.Series[]} series
   * @property {uPlot.Range} range
   * @property {(value: number) => string} [ticks]
   * @property {boolean} [band]
   */
  /** @typedef {{time: number, words: string, shade: string, dash: number[]}} Line */

  const colour = (/** @type {string} */ name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  /** @param {string} label @param {string} shade @param {uPlot.Series} [more] */
  const line = (label, shade, more = {}) => ({ label, stroke: colour(shade), width: 2, points: { show: true, size: 5 }, ...more });
  const edge = (/** @type {string} */ label) => ({ label, stroke: "transparent", points: { show: false } });
  /** @type {uPlot.Value} */
  const one = (_, value) => (value == null ? "–" : value.toFixed(1));
  /** @type {uPlot.Value} */
  const whole = (_, value) => (value == null ? "–" : value.toLocaleString("en-GB"));
  /** @type {uPlot.Value} */
  const percent = (_, value) => (value == null ? "–" : `${Math.round(value * 100)} %`);

  /**
   * What each chart shows: its columns after the time, how they are drawn, and where the scale ends. A band lies between its two edges.
   * @type {Record<string, Kind>}
   */
  const KINDS = {
    score: {
      columns: ({ low, high, score }) => [low, high, score],
      series: () => [{ ...edge("at least"), value: whole }, { ...edge("at most"), value: whole }, { ...line("score", "--talk"), value: one }],
      range: [0, 100],
      band: true,
    },
    pillars: {
      columns: ({ true_reach, amplification, network }) => [true_reach, amplification, network],
      series: () => [
        { ...line("True Reach", "--talk"), value: one },
        { ...line("Amplification", "--some", { dash: [8, 4] }), value: one },
        { ...line("Network", "--auto", { dash: [2, 4] }), value: one },
      ],
      range: (_, _low, high) => [0, Math.max(10, high * 1.1)],
    },
    share: {
      columns: ({ share_low, share_high, share }) => [share_low, share_high, share],
      series: () => [{ ...edge("at least"), value: percent }, { ...edge("at most"), value: percent }, { ...line("share of replies", "--talk"), value: percent }],
      range: [0, 1],
      ticks: (value) => `${Math.round(value * 100)} %`,
      band: true,
    },
    followers: {
      columns: (data) => [data.followers.followers],
      times: (data) => data.followers.time,
      series: () => [{ ...line("followers", "--talk"), value: whole }],
      range: (_, low, high) => [Math.max(0, low - Math.max(2, (high - low) * 0.1)), high + Math.max(2, (high - low) * 0.1)],
      ticks: (value) => value.toLocaleString("en-GB"),
    },
  };

  /** A dashed line where the formula changed, a dotted one with its words on a marked day. @param {uPlot} plot @param {Line[]} lines */
  function drawLines(plot, lines) {
    const { ctx, bbox } = plot, ratio = devicePixelRatio;
    ctx.save();
    ctx.font = `${11 * ratio}px system-ui, sans-serif`;
    lines.forEach(({ time, words, shade, dash }, place) => {
      const x = plot.valToPos(time, "x", true);
      if (x < bbox.left || x > bbox.left + bbox.width) return;
      ctx.strokeStyle = ctx.fillStyle = colour(shade);
      ctx.setLineDash(dash);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      const isRoomRight = bbox.left + bbox.width - x > 90 * ratio;
      ctx.textAlign = isRoomRight ? "left" : "right";
      ctx.fillText(words.length > 28 ? `${words.slice(0, 27)}…` : words, x + (isRoomRight ? 5 : -5), bbox.top + (12 + 13 * (place % 3)) * ratio);
    });
    ctx.restore();
  }

  /** @param {OverTime} data @returns {Line[]} */
  function linesOf(data) {
    const changes = data.time.filter((_, i) => data.new_formula[i]).map((time) => ({ time, words: "new formula", shade: "--dim", dash: [4, 4] }));
    return [...changes, ...data.marks.map(({ time, words }) => ({ time, words, shade: "--cast", dash: [2, 3] }))];
  }

  /** @param {HTMLElement} chart @param {OverTime} data @param {number[]} times @param {Kind} kind */
  function draw(chart, data, times, kind) {
    const { ticks: inWords } = kind;
    // Days apart are told by their date; hours apart, as after the first look-ups, by the clock as well.
    const close = times[times.length - 1] - times[0] < 3 * 86400;
    const clock = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit" });
    const label = (/** @type {number} */ time) =>
      new Date(time * 1000).toLocaleString("en-GB", { day: "numeric", month: "short", ...(close && clock) });
    const axis = { stroke: colour("--dim"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
    const isMarked = kind.times === undefined || times.length > 1;
    chart.replaceChildren();
    return new uPlot(
      {
        width: chart.clientWidth,
        height: 220,
        cursor: { drag: { x: false, y: false }, points: { size: 7 } },
        scales: {
          x: { range: (_, low, high) => [low - (high - low) * 0.03, high + (high - low) * 0.03] },
          y: { range: kind.range },
        },
        axes: [
          { ...axis, space: 70, values: (_, ticks) => ticks.map(label) },
          { ...axis, size: 52, ...(inWords && { values: (_, ticks) => ticks.map(inWords) }) },
        ],
        series: [{ label: "day", value: (_, time) => (time == null ? "–" : label(time)) }, ...kind.series()],
        bands: kind.band ? [{ series: [2, 1], fill: colour("--haze") }] : [],
        hooks: { draw: isMarked ? [(plot) => drawLines(plot, linesOf(data))] : [] },
      },
      [times, ...kind.columns(data)],
      chart,
    );
  }

  /** @param {HTMLElement} chart @param {OverTime} data */
  function show(chart, data) {
    const kind = KINDS[chart.dataset.chart ?? ""], times = kind.times?.(data) ?? data.time;
    if (times.length < 2) return;
    chart.hidden = false;
    chart.setAttribute("role", "img");
    chart.setAttribute("aria-label", `${chart.dataset.title} over time, ${times.length} points; the table below holds the numbers`);
    chart.parentElement?.querySelector("details.rows")?.removeAttribute("open");
    let plot = draw(chart, data, times, kind);
    // While nothing is pointed at, the newest numbers stand below.
    const showNewest = () => plot.setLegend({ idx: times.length - 1 });
    requestAnimationFrame(showNewest);
    chart.addEventListener("mouseleave", () => requestAnimationFrame(showNewest));
    new ResizeObserver(() => plot.setSize({ width: chart.clientWidth, height: 220 })).observe(chart);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      plot.destroy();
      plot = draw(chart, data, times, kind);
      requestAnimationFrame(showNewest);
    });
  }

  fetch(source)
    .then((answer) => (answer.ok ? answer.json() : null))
    .then((/** @type {OverTime | null} */ data) => data && charts.forEach((chart) => show(chart, data)))
    // Without the numbers the tables stand open, as without JavaScript.
    .catch(() => undefined);
})();
