// Opens a report.html in Chromium and checks what only a browser can show: nothing is fetched,
// nothing fails, the slider moves, the marks can be hidden, tables sort, the page fits a phone.
//   node report.js DIR/report.html...
// Needs playwright-core (npm) and Chromium; exit 77 (skipped) where one is missing.
'use strict';
const fs = require('fs');
const path = require('path');
const url = require('url');

const chromium = process.env.CHROMIUM || '/usr/bin/chromium';
const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

function skip(reason) {
  console.log('SKIP: ' + reason);
  process.exit(77);
}

function loadPlaywright() {
  try {
    return require('playwright-core');
  } catch (error) {
    return skip('playwright-core is not installed (npm install playwright-core)');
  }
}

let failures = 0;
function check(holds, what) {
  console.log((holds ? 'ok    ' : 'FAIL  ') + what);
  if (!holds) failures++;
}

// Width of the part of the later photo that is cut away, in px.
const cutAway = (page) => page.$eval('.stage .later', (layer) =>
  Math.round(parseFloat(getComputedStyle(layer).clipPath.split(/[ ,]+/)[3]) *
    (getComputedStyle(layer).clipPath.includes('%') ? layer.clientWidth / 100 : 1)));

async function checkSlider(page) {
  const slide = page.locator('input.slide').first();
  if (await slide.count() === 0) return;
  const start = await cutAway(page);
  await slide.focus();
  await page.keyboard.press('Home');
  const left = await cutAway(page);
  await page.keyboard.press('End');
  const right = await cutAway(page);
  check(left === 0 && start > left && right > start, 'slider moves by keyboard: ' +
    [left, start, right].join(' < ') + ' px');
  const box = await slide.boundingBox();
  await page.mouse.click(box.x + box.width / 4, box.y + box.height / 2);
  const quarter = await cutAway(page);
  check(Math.abs(quarter - box.width / 4) < 12, 'slider moves to where it is clicked');
  const flicker = page.locator('button.flicker').first();
  await flicker.click();
  check(await flicker.getAttribute('aria-pressed') === 'true', 'flicker starts');
  const before = await cutAway(page);
  await page.waitForTimeout(1000);
  check(await cutAway(page) !== before, 'flicker changes the photo');
  await flicker.click();
  check(await cutAway(page) === quarter, 'flicker stops where the slider was');
}

async function checkMarks(page) {
  const boxes = page.locator('input.show-marks');
  for (let i = 0; i < await boxes.count(); i++) {
    const host = boxes.nth(i).locator('xpath=ancestor::*[contains(@class,"compare") or ' +
      'contains(@class,"photo")][1]');
    const marks = host.locator('use.marks').first();
    const shown = () => marks.evaluate((use) => getComputedStyle(use).display !== 'none');
    const first = await shown();
    await boxes.nth(i).uncheck();
    const second = await shown();
    await boxes.nth(i).check();
    if (!first || second || !await shown()) return check(false, 'marks ' + i + ' can be hidden');
  }
  check(await boxes.count() > 0, 'marks can be hidden and shown in every picture');
}

async function checkSorting(page) {
  const tables = page.locator('table.sortable');
  for (let i = 0; i < await tables.count(); i++) {
    const table = tables.nth(i);
    const heads = table.locator('tr.sort [role=button]');
    const column = await heads.count() > 5 ? 4 : 0;
    const values = () => table.evaluate((t, c) => Array.from(t.tBodies[0].rows,
      (row) => row.cells[c].dataset.v).filter((v) => v !== undefined).map(Number), column);
    const sorted = (list, sign) => list.every((v, k) => k === 0 || sign * (v - list[k - 1]) >= 0);
    const count = (await values()).length;
    await heads.nth(column).click();
    const up = await values();
    await heads.nth(column).focus();
    await page.keyboard.press('Enter');
    const down = await values();
    check(sorted(up, 1) && sorted(down, -1) && up.length === count && down.length === count,
      'table ' + i + ' sorts by click and by key (' + count + ' numbers)');
  }
}

async function checkLooks(browser, address) {
  const phone = await browser.newPage({viewport: {width: 390, height: 844}});
  await phone.goto(address);
  const width = await phone.evaluate(() => document.documentElement.scrollWidth);
  check(width <= 390, 'fits a phone: ' + width + ' px wide');
  const broken = await phone.evaluate(async () => {
    const images = Array.from(document.querySelectorAll('image[href^="data:"]'));
    const states = await Promise.all(images.map((element) => new Promise((resolve) => {
      const image = new Image();
      image.onload = () => resolve(image.naturalWidth > 0);
      image.onerror = () => resolve(false);
      image.src = element.getAttribute('href');
    })));
    return states.filter((good) => !good).length + (images.length === 0 ? 1 : 0);
  });
  check(broken === 0, 'every picture decodes');
  await phone.close();
  const context = await browser.newContext({javaScriptEnabled: false});
  const plain = await context.newPage();
  await plain.goto(address);
  const stages = await plain.locator('.stage').count();
  const visible = await plain.locator('.stage .later').first().isVisible().catch(() => false);
  check(stages === 0 || visible, 'without JavaScript both photos are shown');
  check(await plain.locator('h1').isVisible(), 'without JavaScript the page reads');
  await context.close();
}

async function checkReport(browser, file) {
  const address = url.pathToFileURL(path.resolve(file)).href;
  const page = await browser.newPage({viewport: {width: 1280, height: 900}});
  const messages = [], requests = [];
  console.log(file);
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && messages.push(m.text()));
  page.on('pageerror', (error) => messages.push(error.message));
  page.on('request', (r) => !r.url().startsWith('data:') && r.url() !== address &&
    requests.push(r.url()));
  await page.goto(address);
  await page.waitForTimeout(300);
  await checkSlider(page);
  await checkMarks(page);
  await checkSorting(page);
  check(messages.length === 0, 'no console errors ' + messages.join(' | '));
  check(requests.length === 0, 'nothing is fetched ' + requests.join(' '));
  await page.close();
  await checkLooks(browser, address);
}

async function main() {
  const files = process.argv.slice(2);
  if (files.length === 0) {
    console.error('usage: node report.js DIR/report.html...');
    process.exit(2);
  }
  if (!fs.existsSync(chromium)) skip(chromium + ' is not there (set CHROMIUM)');
  const playwright = loadPlaywright();
  const browser = await playwright.chromium.launch({executablePath: chromium, args: flags});
  for (const file of files) await checkReport(browser, file);
  await browser.close();
  console.log(failures === 0 ? 'report in a browser: all passed' : failures + ' failed');
  process.exit(failures === 0 ? 0 : 1);
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
