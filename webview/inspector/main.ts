import { registerToolkit } from '../ui/toolkit';
import type { VsCodeApi } from './client';
import { Inspector } from './inspector';

declare function acquireVsCodeApi(): VsCodeApi;

registerToolkit();
const root = document.getElementById('inspector');
if (root) void document.fonts.ready.then(() => new Inspector(root, acquireVsCodeApi()).start());
