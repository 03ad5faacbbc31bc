'use strict';
const { existsSync, readFileSync } = require('node:fs');
const { cpus } = require('node:os');
const { join } = require('node:path');

const REBUILD = 'run `npm rebuild @lensfield/kernels-native`';

function load() {
  const addon = join(__dirname, 'dist/lensfield.node');
  if (!existsSync(addon))
    return { available: false, reason: `the addon was not built (no C compiler?); ${REBUILD}` };
  const stamp = JSON.parse(readFileSync(join(__dirname, 'dist/stamp.json'), 'utf8'));
  const processor = cpus()[0]?.model ?? '';
  if (stamp.arch !== process.arch || stamp.processor !== processor)
    return {
      available: false,
      reason: `the addon was built for ${stamp.processor}, this is ${processor}; ${REBUILD}`,
    };
  try {
    return { available: true, addon: require(addon) };
  } catch (error) {
    return { available: false, reason: `${String(error.message).split('\n')[0]}; ${REBUILD}` };
  }
}

const loaded = load();
exports.available = loaded.available;
exports.reason = loaded.reason;
exports.addon = loaded.addon;
