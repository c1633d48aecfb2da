/** The snapshot of a partner: JSON. The same state gives the same bytes. */
import type { PartnerState } from './state.ts';

export interface PartnerSnapshot {
  readonly state: PartnerState;
  /** Sequence of the last record that is in it. */
  readonly applied: number;
}

/** Encodes a snapshot. Keys are listed, because their order in the state depends on whether it was restored. */
export function encodeSnapshot({ state, applied }: PartnerSnapshot): Uint8Array {
  const { limits, contract, validation } = state.asOf;
  const encoded: PartnerState = {
    partnerId: state.partnerId,
    definition: state.definition,
    validationStatus: state.validationStatus,
    contractId: state.contractId,
    currency: state.currency,
    createdAt: state.createdAt,
    updatedAt: state.updatedAt,
    updatedBy: state.updatedBy,
    version: state.version,
    revision: state.revision,
    asOf: { limits, contract, validation },
    eventIds: state.eventIds,
    campaigns: state.campaigns,
    contents: state.contents,
    slots: state.slots,
    answers: state.answers,
  };
  return Buffer.from(JSON.stringify({ state: encoded, applied }));
}

export function decodeSnapshot(bytes: Uint8Array): PartnerSnapshot {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
}
