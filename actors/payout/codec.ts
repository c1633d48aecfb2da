/** The snapshot of a payout: JSON. The same state gives the same bytes. */
import type { PayoutState } from './state.ts';

export interface PayoutSnapshot {
  readonly state: PayoutState;
  /** Sequence of the last record that is in it. */
  readonly applied: number;
}

/** Encodes a snapshot. Keys are listed, because their order in the state depends on whether it was restored. */
export function encodeSnapshot({ state, applied }: PayoutSnapshot): Uint8Array {
  const encoded: PayoutState = {
    payoutId: state.payoutId,
    partnerId: state.partnerId,
    currency: state.currency,
    reference: state.reference,
    isAdvance: state.isAdvance,
    wantedMicros: state.wantedMicros,
    wantedDestination: state.wantedDestination,
    createdAt: state.createdAt,
    requestedBy: state.requestedBy,
    status: state.status,
    micros: state.micros,
    lots: state.lots,
    destination: state.destination,
    failure: state.failure,
    isReserved: state.isReserved,
    isSettled: state.isSettled,
    attempts: state.attempts,
    awaited: state.awaited,
    nextAttemptAt: state.nextAttemptAt,
    transferId: state.transferId,
    reversedMicros: state.reversedMicros,
    steps: state.steps,
    updatedAt: state.updatedAt,
    version: state.version,
  };
  return Buffer.from(JSON.stringify({ state: encoded, applied }));
}

export function decodeSnapshot(bytes: Uint8Array): PayoutSnapshot {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
}

/** What a saved state says of a payout, for whoever checks it. */
export interface SavedPayout {
  readonly payoutId: string;
  readonly partnerId: string;
  readonly currency: string;
  /** What is with the partner by it, in micros; while it is open, all of it or nothing. */
  readonly sentMicros: bigint;
  readonly isOpen: boolean;
}

export function sentOf(bytes: Uint8Array): SavedPayout {
  const { state } = decodeSnapshot(bytes);
  const { payoutId, partnerId, currency, status, micros, reversedMicros } = state;
  const isOpen = status === 'PENDING' || status === 'PROCESSING';
  const sentMicros = BigInt(status === 'FAILED' ? 0 : micros - reversedMicros);
  return { payoutId, partnerId, currency, sentMicros, isOpen };
}
