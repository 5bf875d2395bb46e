// Charts: `<div data-chart class="v-chart"><script type="application/json">{ECharts option}</script></div>`.
// The theme comes from the CSS properties, so both themes and the print look alike; ECharts loads only when needed.
// `format`: "money", "percent", "days" or "number" on the root formats values; items with `url` are links.
(() => {
  const { words, each, load } = window.voronka;
  const charts = new Map();
  const english = words.language.startsWith("en");
  const numbers = new Intl.NumberFormat(english ? "en" : "ru", { maximumFractionDigits: 1 });
  const short = new Intl.NumberFormat(english ? "en" : "ru", { notation: "compact", maximumFractionDigits: 1 });
  const formats = {
    money: (value) => `${short.format(value)}\u00a0₽`,
    percent: (value) => `${numbers.format(value * 100)}\u00a0%`,
    days: (value) => `${numbers.format(value)}\u00a0${english ? "d" : "дн."}`,
    number: (value) => short.format(value),
  };

  // Custom properties may hold light-dark(), which only a computed colour resolves.
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const tone = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };

  function theme() {
    const quiet = tone("--v-quiet");
    const line = tone("--v-line");
    const axis = {
      axisLine: { lineStyle: { color: line } }, axisTick: { show: false },
      axisLabel: { color: quiet, fontSize: 12 }, splitLine: { lineStyle: { color: line } },
    };
    const said = { color: tone("--v-ink"), textBorderWidth: 0, fontSize: 12 };
    return {
      color: [tone("--v-accent-solid"), "#2f9e8f", "#b8860b", "#7044c4", "#d9818b", "#7d8aa5", "#2a8a3f"],
      backgroundColor: "transparent",
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: tone("--v-ink") },
      grid: { left: 8, right: 16, top: 24, bottom: 8, containLabel: true },
      categoryAxis: { ...axis, splitLine: { show: false } },
      valueAxis: axis,
      timeAxis: axis,
      tooltip: { backgroundColor: tone("--v-surface"), borderColor: line, textStyle: { color: tone("--v-ink"), fontSize: 13 }, confine: true },
      legend: { textStyle: { color: quiet } },
      bar: { itemStyle: { borderRadius: 4 }, barMaxWidth: 36, label: said },
      line: { symbolSize: 6, lineStyle: { width: 2 }, label: said },
    };
  }

  function prepared(data) {
    const { format = "number", ...option } = data;
    const say = formats[format] || formats.number;
    const value = (raw) => (raw === null || raw === undefined || raw === "" ? "—" : say(Number(raw)));
    option.tooltip = { trigger: "axis", axisPointer: { type: "shadow" }, valueFormatter: value, ...option.tooltip };
    for (const axis of [].concat(option.xAxis || [], option.yAxis || [])) {
      if (axis.type === "value") {
        axis.min ??= axis.fromZero === false ? null : 0;
        axis.axisLabel = { formatter: value, ...axis.axisLabel };
      }
    }
    for (const series of [].concat(option.series || [])) {
      if (series.label?.show && !series.label.formatter) series.label.formatter = ({ value: raw }) => value(Array.isArray(raw) ? raw.at(-1) : raw);
    }
    option.animation = !matchMedia("(prefers-reduced-motion: reduce)").matches && option.animation !== false;
    option.animationDuration = 250;
    return option;
  }

  async function draw(box) {
    await load(words.echarts_js);
    if (!english) await load(words.echarts_ru_js);
    if (!box.isConnected) return;
    const data = JSON.parse(box.querySelector("script[type='application/json']").textContent);
    const canvas = document.createElement("div");
    canvas.style.cssText = "width:100%;height:100%";
    if (!box.style.height) box.style.height = "280px";
    box.append(canvas);
    const paint = () => {
      charts.get(box)?.dispose();
      const chart = window.echarts.init(canvas, theme(), { locale: english ? "EN" : "RU", renderer: "svg" });
      chart.setOption(prepared(structuredClone(data)));
      chart.on("click", ({ data: item }) => { if (item?.url) location.assign(item.url); });
      charts.set(box, chart);
    };
    paint();
    box.voronkaPaint = paint;
    new ResizeObserver(() => charts.get(box)?.resize()).observe(box);
  }

  each("[data-chart]", draw);
  document.addEventListener("theme:changed", () => {
    for (const box of charts.keys()) {
      if (box.isConnected) box.voronkaPaint();
      else charts.delete(box);
    }
  });
})();
