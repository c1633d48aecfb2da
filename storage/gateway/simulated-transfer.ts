/** A transfer of the simulated gateway as it is kept: JSON. */
import type { TransferOrder } from '../../model/transfer.ts';

export interface SimulatedTransfer {
  readonly payoutId: string;
  readonly transferId: string;
  readonly partnerId: string;
  readonly micros: number;
  readonly currency: string;
  /** Empty: none was given. */
  readonly destination: string;
  readonly status: 'accepted' | 'succeeded' | 'failed';
  /** What of it has been taken back. */
  readonly reversedMicros: number;
}

export function encodeTransfer(transfer: SimulatedTransfer): Uint8Array {
  return Buffer.from(JSON.stringify(transfer));
}

export function decodeTransfer(bytes: Uint8Array): SimulatedTransfer {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
}

/** Whether an order is the one that the transfer was made for: a key may not come with other parameters. */
export function isSameOrder(transfer: SimulatedTransfer, order: TransferOrder): boolean {
  const { partnerId, amount, destination = '' } = order;
  return (
    transfer.partnerId === partnerId &&
    transfer.micros === amount.micros &&
    transfer.currency === amount.currency &&
    transfer.destination === destination
  );
}
