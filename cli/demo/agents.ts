/** User agents: real browsers with their shares of the traffic, and robots that say what they are. */
import UserAgent from 'user-agents';
import { type SeededRandom, WeightedPicker } from './random.ts';

/** Browsers that are told apart; the rarer ones hardly ever come up. */
const BROWSERS = 500;

const ROBOTS = [
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
  'Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)',
  'Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)',
  'Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)',
  'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
  'Twitterbot/1.0',
  'LinkedInBot/1.0 (compatible; Mozilla/5.0; +http://www.linkedin.com)',
  'Mozilla/5.0 (compatible; PetalBot; +https://webmaster.petalsearch.com/site/petalbot)',
  'curl/8.5.0',
  'python-requests/2.32.3',
];

export class AgentPicker {
  readonly #browsers: readonly string[];
  readonly #shares: WeightedPicker;
  readonly #robotShare: number;

  /** @param robotShare how many of the picks are robots, from 0 to 1 */
  constructor(robotShare: number) {
    const browsers = UserAgent.top(BROWSERS);
    this.#browsers = browsers.map(({ userAgent }) => userAgent);
    this.#shares = new WeightedPicker(browsers.map(({ weight }) => weight));
    this.#robotShare = robotShare;
  }

  pick(random: SeededRandom): { readonly userAgent: string; readonly isRobot: boolean } {
    if (random.chance(this.#robotShare)) return { userAgent: random.pick(ROBOTS), isRobot: true };
    return { userAgent: this.#browsers[this.#shares.pick(random)] as string, isRobot: false };
  }
}
