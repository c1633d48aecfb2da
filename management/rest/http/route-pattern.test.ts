import { expect, test } from 'vitest';
import { pathsOf, RouteTable } from './route-pattern.ts';

const CAMPAIGN = '/v1/campaigns/:campaign_id([A-Za-z0-9_-]+)';

test('a pattern stands for its paths and no others', () => {
  expect(pathsOf(CAMPAIGN).test('/v1/campaigns/a-b')).toBe(true);
  expect(pathsOf(CAMPAIGN).test('/v1/campaigns/a-b:pause')).toBe(false);
  expect(pathsOf(`${CAMPAIGN}::pause`).test('/v1/campaigns/a-b:pause')).toBe(true);
  expect(pathsOf('/docs/*').test('/docs/static/index.js')).toBe(true);
  expect(pathsOf('/openapi.json').test('/openapiXjson')).toBe(false);
  expect(pathsOf('/x/:name').test('/x/y/z')).toBe(false);
});

test('a table knows the methods of a path', () => {
  const routes = new RouteTable();
  routes.add(CAMPAIGN, 'GET');
  routes.add(CAMPAIGN, 'HEAD');
  routes.add('/*', ['OPTIONS']);
  expect(routes.methodsOf('/v1/campaigns/a')).toEqual(['GET', 'HEAD', 'OPTIONS']);
  expect(routes.methodsOf('elsewhere')).toEqual([]);
});
