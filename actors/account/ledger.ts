/**
 * The books of a partner in one currency: double entry. Every posting takes an amount from one account and adds it
 * to another, so all of them together are 0 at any time. What was posted goes into the journal, and from there into
 * the warehouse.
 */
import { LEDGER_ACCOUNTS, type LedgerAccount, type LedgerCause } from '../../model/account.ts';
import { type Amount, amountOf, difference, microsOf, sum } from './amounts.ts';
import type { About, Journal } from './journal.ts';

/** From where to where each cause moves an amount. What is reversed or comes back has two ways. */
export type Movement = readonly [from: LedgerAccount, to: LedgerAccount];
export const MOVEMENTS = {
  assigned: ['commissions', 'held'],
  approved: ['held', 'payable'],
  reversedHeld: ['held', 'commissions'],
  reversedPayable: ['payable', 'commissions'],
  reserved: ['payable', 'in_transit'],
  paid: ['in_transit', 'paid'],
  released: ['in_transit', 'payable'],
  cameBack: ['paid', 'payable'],
} as const satisfies Record<string, Movement>;
export type MovementName = keyof typeof MOVEMENTS;

const CAUSES: Readonly<Record<MovementName, LedgerCause>> = {
  assigned: 'assigned',
  approved: 'approved',
  reversedHeld: 'reversed',
  reversedPayable: 'reversed',
  reserved: 'reserved',
  paid: 'paid',
  released: 'returned',
  cameBack: 'returned',
};

/** Sums in micros, by account, as they are saved, and what was ever reversed. */
export type LedgerJson = readonly string[];

/** The sums of a ledger that was saved, in micros. */
export function sumsOf(saved: LedgerJson): Record<LedgerAccount, bigint> {
  const sum = (account: LedgerAccount): bigint => BigInt(saved[LEDGER_ACCOUNTS.indexOf(account)] ?? 0);
  return {
    commissions: sum('commissions'),
    held: sum('held'),
    payable: sum('payable'),
    in_transit: sum('in_transit'),
    paid: sum('paid'),
  };
}

export class Ledger {
  readonly currency: string;
  readonly #sums: Record<LedgerAccount, Amount>;
  #reversed: bigint;

  constructor(currency: string, saved: LedgerJson = []) {
    this.currency = currency;
    const sums = sumsOf(saved);
    this.#sums = {
      commissions: amountOf(sums.commissions, currency),
      held: amountOf(sums.held, currency),
      payable: amountOf(sums.payable, currency),
      in_transit: amountOf(sums.in_transit, currency),
      paid: amountOf(sums.paid, currency),
    };
    this.#reversed = BigInt(saved[LEDGER_ACCOUNTS.length] ?? 0);
  }

  /**
   * Posts an amount.
   *
   * @param micros above 0; of 0 nothing is posted
   */
  post(name: MovementName, micros: bigint, about: About, journal: Journal): void {
    if (micros === 0n) return;
    if (micros < 0n) throw new RangeError(`a posting of ${micros} micros`);
    this.#move(MOVEMENTS[name], amountOf(micros, this.currency));
    const cause = CAUSES[name];
    if (cause === 'reversed') this.#reversed += micros;
    journal.note({ currency: this.currency, cause, movement: MOVEMENTS[name], micros, about });
  }

  micros(account: LedgerAccount): bigint {
    return microsOf(this.#sums[account]);
  }

  get reversedMicros(): bigint {
    return this.#reversed;
  }

  /** All that was ever assigned. */
  get assignedMicros(): bigint {
    return this.#reversed - this.micros('commissions');
  }

  toJson(): LedgerJson {
    return [...LEDGER_ACCOUNTS.map((account) => this.micros(account).toString()), this.#reversed.toString()];
  }

  #move([from, to]: Movement, amount: Amount): void {
    this.#sums[from] = difference(this.#sums[from], amount);
    this.#sums[to] = sum(this.#sums[to], amount);
  }
}
