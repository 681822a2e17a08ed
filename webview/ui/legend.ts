import type { ColorMap } from '../colorMaps';
import { drawCells } from '../plots/heatmap';
import { sample } from '../plots/plot';
import type { Paint } from '../plots/surface';
import { element } from './dom';

/** A part of a legend: a sample with its label, on the page and in exported pictures alike. */
export interface LegendEntry {
  readonly label: string;
  /** Size of the sample in CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly paint: Paint;
  /** Values at both ends of a scale bar. */
  readonly ends?: readonly [low: string, high: string];
  /** Tells samples with the same label apart: a change of it draws the entry anew. */
  readonly look: string;
}

/** A sample of a line with its label. */
export function lineKey(label: string, color: string, look: 'solid' | 'dashed' = 'solid'): LegendEntry {
  return dashedKey(label, color, look === 'dashed' ? [4, 3] : []);
}

/** A sample of a line with these dashes. */
export function dashedKey(label: string, color: string, dash: readonly number[], width = 18): LegendEntry {
  return {
    label,
    width,
    height: 10,
    look: `line ${color} ${dash.join()}`,
    paint(surface) {
      surface.strokeStyle = color;
      surface.lineWidth = 2;
      surface.setLineDash([...dash]);
      surface.beginPath();
      surface.moveTo(0, 5);
      surface.lineTo(width, 5);
      surface.stroke();
      surface.setLineDash([]);
    },
  };
}

/** A sample of an area with its label. */
export function areaKey(label: string, fills: readonly string[], frame: string): LegendEntry {
  return {
    label,
    width: 18,
    height: 11,
    look: `area ${fills.join()} ${frame}`,
    paint(surface) {
      for (const fill of fills) {
        surface.fillStyle = fill;
        surface.fillRect(0, 0, 18, 11);
      }
      surface.lineWidth = 1;
      surface.strokeStyle = frame;
      surface.strokeRect(0.5, 0.5, 17, 10);
    },
  };
}

/** A ring with its label. */
export function ringKey(label: string, color: string): LegendEntry {
  return {
    label,
    width: 8,
    height: 10,
    look: `ring ${color}`,
    paint(surface) {
      surface.setLineDash([]);
      surface.beginPath();
      surface.arc(4, 5, 3, 0, 2 * Math.PI);
      surface.strokeStyle = color;
      surface.lineWidth = 1.5;
      surface.stroke();
    },
  };
}

/** The colours of a map between the values at its ends. */
export function scaleBar(label: string, low: string, high: string, map: ColorMap, frame: string): LegendEntry {
  const width = 72;
  return {
    label,
    width,
    height: 9,
    ends: [low, high],
    look: `scale ${map.stops.join()} ${frame}`,
    paint(surface) {
      drawCells(surface, { columns: width, rows: 1, place: (column) => column / (width - 1) }, map, { x: 0, y: 0, width, height: 9 });
      surface.strokeStyle = frame;
      surface.lineWidth = 1;
      surface.strokeRect(0.5, 0.5, width - 1, 8);
    },
  };
}

/** What an entry says, sample and colours left out. */
export function legendKey({ label, ends, look }: LegendEntry): string {
  return [label, ...(ends ?? []), look].join('|');
}

/** An entry on the page. */
export function legendElement(entry: LegendEntry): HTMLElement {
  const canvas = sample(entry.width, entry.height, entry.paint);
  if (!entry.ends) return element('span', { class: 'key', children: [canvas, entry.label] });
  const [low, high] = entry.ends;
  return element('span', { class: 'key scale-bar', children: [...(entry.label === '' ? [] : [element('span', { text: entry.label })]), element('span', { text: low }), canvas, element('span', { text: high })] });
}
