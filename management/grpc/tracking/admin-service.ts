/** The methods of `turnpike.v1.AdminService`: thin over the application. */
import type { AdminServiceServer } from '../../../proto/generated/turnpike/v1/admin_service.ts';
import { checkedPageSize, OPERATOR } from '../../application/request.ts';
import type { DeadLetters } from '../../application/tracking/dead-letters.ts';
import { named } from '../request.ts';
import { type UnaryDependencies, unary } from '../unary.ts';
import { protoDeadLetter } from './dead-letters.ts';

export function adminService(deadLetters: DeadLetters, dependencies: UnaryDependencies): AdminServiceServer {
  return {
    listDeadLetters: unary(dependencies, 'ListDeadLetters', async ({ campaignId, pageSize, pageToken }) => {
      const { letters, nextPageToken } = await deadLetters.list({
        pageSize: checkedPageSize(pageSize),
        ...(campaignId !== '' && { campaignId: named(campaignId) }),
        ...(pageToken !== '' && { pageToken }),
      });
      return { deadLetters: letters.map(protoDeadLetter), nextPageToken: nextPageToken ?? '' };
    }),

    getDeadLetter: unary(dependencies, 'GetDeadLetter', async ({ id }) =>
      protoDeadLetter(await deadLetters.get(id)),
    ),

    replayDeadLetter: unary(dependencies, 'ReplayDeadLetter', async ({ id }) =>
      protoDeadLetter(await deadLetters.replay(id, OPERATOR)),
    ),
  };
}
