// What the service's chart.js uses of uPlot, which its pages load before it.
declare namespace uPlot {
  type Column = (number | null)[];
  type Range = [low: number, high: number] | ((plot: uPlot, low: number, high: number) => [low: number, high: number]);
  type Value = (plot: uPlot, value: number | null) => string;

  interface Series {
    label?: string;
    stroke?: string;
    width?: number;
    dash?: number[];
    points?: { show?: boolean; size?: number };
    value?: Value;
  }

  interface Axis {
    stroke?: string;
    grid?: { stroke?: string; width?: number };
    ticks?: { show?: boolean };
    space?: number;
    size?: number;
    values?: (plot: uPlot, ticks: number[]) => string[];
  }

  interface Options {
    width: number;
    height: number;
    cursor?: { drag?: { x?: boolean; y?: boolean }; points?: { size?: number } };
    scales?: Record<string, { range: Range }>;
    axes?: Axis[];
    series: Series[];
    bands?: { series: [high: number, low: number]; fill: string }[];
    hooks?: { draw?: ((plot: uPlot) => void)[] };
  }
}

declare class uPlot {
  constructor(options: uPlot.Options, data: [times: number[], ...columns: uPlot.Column[]], target: HTMLElement);
  readonly ctx: CanvasRenderingContext2D;
  readonly bbox: { left: number; top: number; width: number; height: number };
  valToPos(value: number, scale: string, onCanvas?: boolean): number;
  setLegend(at: { idx: number }): void;
  setSize(size: { width: number; height: number }): void;
  destroy(): void;
}
