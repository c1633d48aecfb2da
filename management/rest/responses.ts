/** What the routes of campaigns have in common: where they are, and which problems they may answer with. */
import { PROBLEM_MEDIA_TYPE } from './http/problem.ts';
import { ProblemResource, shared } from './schemas.ts';

export const CAMPAIGNS = '/v1/campaigns';
/** With its own pattern, so that the router tells an id from a verb behind it. */
export const CAMPAIGN = `${CAMPAIGNS}/:campaign_id([A-Za-z0-9_-]+)`;

/** A response that is a problem. */
export const problemResponse = (description: string) => ({
  description,
  content: { [PROBLEM_MEDIA_TYPE]: { schema: shared(ProblemResource) } },
});

export const PROBLEMS = {
  400: problemResponse('A field is wrong: `violations` says which and what would be right.'),
  503: problemResponse('Out of reach or too busy, or the outcome is unknown: repeat after `Retry-After`.'),
};
export const NOT_FOUND = { 404: problemResponse('There is no such campaign.') };
