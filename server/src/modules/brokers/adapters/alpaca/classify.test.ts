import { expect, it } from 'vitest'
import { classifyAlpacaAnswer } from './classify.ts'

const json = { 'content-type': 'application/json' }
const html = { 'content-type': 'text/html; charset=utf-8' }
const PAGE = '<html><body>502 Bad Gateway</body></html>'

it.each([
  ['ok', 'an account', 200, json, '{"account_blocked":false,"trading_blocked":false}'],
  ['ok', 'an account whose owner suspended trading', 200, json, '{"trade_suspended_by_user":true}'],
  ['ok', 'a day trader', 200, json, '{"pattern_day_trader":true}'],
  ['ok', 'no content', 204, {}, ''],
  ['ok', 'a list', 200, json, '[]'],
  ['ok', 'a list that was cut at 16 KiB', 200, json, `[${'"aaaaaaa",'.repeat(2000)}`.slice(0, 16 * 1024)],
  ['blocked', 'a blocked account', 200, json, '{"account_blocked":true}'],
  ['blocked', 'an account that may not trade', 200, json, '{"trading_blocked":true}'],
  ['unreachable', 'a page by its type', 200, html, ''],
  ['unreachable', 'a page by its text', 200, json, ` \n${PAGE}`],
  ['unreachable', 'a broken end', 200, json, '{"account_blocked":fal'],
  ['unreachable', 'text', 200, { 'content-type': 'text/plain' }, 'pong'],
  [
    'rejected',
    'a key that is not known',
    401,
    json,
    '{"code":40110000,"message":"request is not authorized"}',
  ],
  ['rejected', 'a refusal without words', 401, {}, ''],
  ['rejected', 'a forbidden one', 403, json, '{"message":"forbidden."}'],
  ['rejected', 'a forbidden one in plain text', 403, { 'content-type': 'text/plain' }, 'forbidden'],
  ['ok', 'too little buying power', 403, json, '{"code":40310000,"message":"insufficient buying power"}'],
  [
    'ok',
    'suspended orders',
    403,
    json,
    '{"code":40310000,"message":"new orders are rejected by user request"}',
  ],
  ['unreachable', 'a forbidding page', 403, html, PAGE],
  ['rate_limited', 'too many', 429, json, '{"message":"too many requests."}'],
  ['rate_limited', 'too many, as a page', 429, html, PAGE],
  ['ok', 'an unknown order', 404, json, '{"code":40410000,"message":"order not found"}'],
  ['ok', 'bad input', 422, json, '{"code":40010001,"message":"invalid period"}'],
  ['unreachable', 'a timeout', 408, {}, ''],
  ['unreachable', 'a redirect', 302, { location: 'https://elsewhere.example' }, ''],
  ['unreachable', 'a failure', 500, json, '{"code":50010000}'],
  ['unreachable', 'a page of the gateway', 502, html, PAGE],
  ['unreachable', 'a page that says nothing is here', 404, html, PAGE],
] as const)('says %s of %s', (...[outcome, , status, headers, body]) => {
  expect(classifyAlpacaAnswer({ status, headers, body })).toBe(outcome)
})
