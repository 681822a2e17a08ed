// weather.csv: the usual weather of each hour of a year.
import { expectCount, linesOf, packageFile } from './packages.mjs';

const notice = `weather.csv holds the hourly climate normals 1981-2010 of Seattle (temperature in °C, wind in m/s, pressure in hPa) by
the National Climatic Data Center of the USA, a work of the U.S. government and in the public domain, from the npm
package vega-datasets (seattle-weather-hourly-normals.csv, as it is).
`;

export async function make() {
  const text = await packageFile('vega-datasets', 'data/seattle-weather-hourly-normals.csv');
  expectCount('hours of weather', linesOf(text).length - 1, 8759);
  return { notice, files: { 'weather.csv': text } };
}
