import { type Browser, chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { startLandingSite } from '../support/landing-page.ts';
import { launchCampaign, liveMetrics, storedMetrics } from '../support/management.ts';
import { Server } from '../support/server.ts';
import { decidedEvents } from '../support/warehouse.ts';

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGUMENTS });
}

test('a real page’s pixel, link and beacon give one impression, one click and the conversion tied to it', async () => {
  await using server = await Server.start();
  const { ingest } = server.addresses;
  await using site = await startLandingSite(() => ingest, 'shop');
  await launchCampaign(server, 'shop', { landing_page_url: `${site.origin}/landing` });
  const browser = await openBrowser();
  try {
    const page = await (await browser.newContext()).newPage();

    const pixel = page.waitForResponse((response) => response.url().startsWith(`${ingest}/p.gif`));
    await page.goto(`${site.origin}/blog`);
    expect((await pixel).status()).toBe(200);
    expect((await (await pixel).body()).length).toBe(43);

    await Promise.all([page.waitForURL(`${site.origin}/landing?*`), page.click('#offer')]);
    const clickId = new URL(page.url()).searchParams.get('click_id');
    expect(clickId).toMatch(/^[A-Za-z0-9_-]{20,}$/);

    const beacon = page.waitForResponse((response) => response.url() === `${ingest}/v1/events`);
    await page.click('#buy');
    await page.waitForFunction(`document.title === 'Thanks'`);
    expect((await beacon).status()).toBe(202);

    expect(await liveMetrics(server, 'shop')).toMatchObject({
      received: 3,
      accepted: 3,
      impressions: 1,
      clicks: 1,
      unique_clicks: 1,
      conversions: 1,
      revenue: { amount: '19.99', currency: 'USD' },
      spend: { amount: '0.25', currency: 'USD' },
    });

    expect((await storedMetrics(server, 'shop')).received).toBe(3);
    await server.terminate();
    const rows = await decidedEvents(server.dataDirectory, 'shop');
    expect(rows.map(({ type }) => type).sort()).toEqual([1, 2, 3]);
    const sale = rows.find(({ type }) => type === 3);
    expect(sale).toMatchObject({
      click_id: clickId,
      partner_id: 'maria',
      transaction_id: 'order-1',
      reason: 100,
    });
  } finally {
    await browser.close();
  }
});
