/**
 * Where a click goes: the landing page with its macros filled and the click id appended. Whatever a
 * visitor puts into the link, the host is one that the campaign has named.
 */
import type { CampaignSummary } from '../model/campaign.ts';

/** What macros may be filled with: `{click_id}`, `{sub1}`, … */
export const MACROS = [
  'click_id',
  'campaign_id',
  'partner_id',
  'content_id',
  'source_id',
  'sub1',
  'sub2',
  'sub3',
  'sub4',
  'sub5',
] as const;
export type Macro = (typeof MACROS)[number];

/** Values of macros; what is missing is filled with nothing. */
export type MacroValues = Readonly<Partial<Record<Macro, string | undefined>>>;

const MACRO = new RegExp(`\\{(${MACROS.join('|')})\\}`, 'g');
/** Macros as they stand in a path once it has been parsed as a URL. */
const ENCODED_MACRO = new RegExp(`%7B(${MACROS.join('|')})%7D`, 'gi');

/** Templates kept; a campaign has one or two. */
const TEMPLATES = 20_000;
const templates = new Map<string, string | undefined>();

/**
 * The landing page of a campaign for one click, or `undefined` if it has none that can be gone to.
 *
 * @param page `landingPageUrl` or `fallbackUrl`
 */
export function fillLandingPage(page: string, values: MacroValues): string | undefined {
  const template = templateOf(page);
  return template?.replaceAll(MACRO, (_, macro: Macro) => encodeURIComponent(values[macro] ?? ''));
}

/** `url` with `click_id=…` in its query, in place of one that it has. */
export function withClickId(url: string, clickId: string): string {
  const hash = url.indexOf('#');
  const page = hash < 0 ? url : url.slice(0, hash);
  const fragment = hash < 0 ? '' : url.slice(hash);
  const question = page.indexOf('?');
  if (question < 0) return `${page}?click_id=${clickId}${fragment}`;
  const kept = page
    .slice(question + 1)
    .split('&')
    .filter((pair) => pair !== '' && pair !== 'click_id' && !pair.startsWith('click_id='));
  return `${page.slice(0, question)}?${[...kept, `click_id=${clickId}`].join('&')}${fragment}`;
}

/**
 * The address that a link asks for by `url=`, if the campaign allows its host: its landing page's own, or
 * one of `allowedHosts`. Hosts are compared whole, with their port.
 */
export function allowedOverride(asked: string, campaign: CampaignSummary): string | undefined {
  const url = webUrl(asked);
  if (url === undefined || url.username !== '' || url.password !== '') return undefined;
  const landingHost =
    campaign.landingPageUrl === undefined ? undefined : webUrl(campaign.landingPageUrl)?.host;
  return url.host === landingHost || campaign.allowedHosts.includes(url.host) ? url.href : undefined;
}

/** The page, normalised, with its macros in braces. */
function templateOf(page: string): string | undefined {
  if (templates.has(page)) return templates.get(page);
  if (templates.size >= TEMPLATES) templates.clear();
  const template = makeTemplate(page);
  templates.set(page, template);
  return template;
}

function makeTemplate(page: string): string | undefined {
  const url = webUrl(page);
  if (url === undefined) return undefined;
  // A macro in the host would let the link choose where to go.
  const sample = webUrl(page.replaceAll(MACRO, 'sample'));
  if (sample === undefined || sample.host !== url.host) return undefined;
  return url.href.replaceAll(ENCODED_MACRO, (_, macro: string) => `{${macro.toLowerCase()}}`);
}

function webUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined;
}
