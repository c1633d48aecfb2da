/** Whether an account can pay what is asked of it: told before anything is asked, in words that say what it can. */
import type { AccountView } from '../../../model/account.ts';
import { TurnpikeError } from '../../../model/errors.ts';
import { formatMicros, payableUnitMicros } from '../../../model/money.ts';
import type { PayoutRequest } from '../../../model/payout.ts';

/**
 * Checks a request against the account as it is. The account itself decides when the request has come to it: it may
 * be another by then.
 *
 * @param account absent: the partner has never earned anything
 * @throws TurnpikeError `failed_precondition`, naming what is payable or the smallest amount that is paid
 */
export function checkPayable(account: AccountView | undefined, request: PayoutRequest): void {
  const { partnerId, currency, micros, isAdvance } = request;
  if (account?.isSuspended)
    throw new TurnpikeError({
      code: 'failed_precondition',
      message: `partner ${partnerId} is suspended and is paid nothing: make it ACTIVE first`,
      state: 'SUSPENDED',
    });
  const payable = payableMicros(account, currency);
  const asked = micros === undefined ? payable : BigInt(micros);
  const amount = (value: bigint): string => `${formatMicros(value, currency)} ${currency}`;
  if (!isAdvance && (asked > payable || asked <= 0n))
    refuse(
      `${amount(payable)} is payable to ${partnerId}${micros === undefined ? '' : `, and ${amount(asked)} was asked for`}`,
      payable > 0n
        ? `must be at most ${amount(payable)}, what is payable now, or be asked for as an advance`
        : `cannot be paid: nothing is payable in ${currency} now; an advance may be`,
    );
  const minimum = account?.terms.minimums.find((money) => money.currency === currency);
  if (minimum && asked < BigInt(minimum.micros))
    refuse(
      `${amount(asked)} is less than what is paid to ${partnerId} at least`,
      `must be at least ${amount(BigInt(minimum.micros))}, the minimum of the partner's payout terms`,
    );
}

/** What can be paid in a currency: a whole number of what is paid in it; below 0 where more was paid than was earned. */
function payableMicros(account: AccountView | undefined, currency: string): bigint {
  const balance = account?.balances.find((candidate) => candidate.currency === currency);
  const payable = balance?.payableMicros ?? 0n;
  return payable > 0n ? payable - (payable % BigInt(payableUnitMicros(currency))) : payable;
}

function refuse(message: string, description: string): never {
  throw new TurnpikeError({
    code: 'failed_precondition',
    message,
    violations: [{ field: 'amount', description }],
  });
}
