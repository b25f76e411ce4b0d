import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createApiClient } from '@outcry/contract/client'
import { expect, it, onTestFinished } from 'vitest'
import { FIXTURE_API } from './fixture-api.ts'
import { generateTypes } from './generate-types.ts'

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url))
const CONSUMER = `
import { createApiClient } from '@outcry/contract/client'
import type { paths } from './openapi.ts'

const client = createApiClient<paths>('http://localhost')
const { data, error } = await client.GET('/api/v1/users/{id}', { params: { path: { id: 'x' } } })
export const bio: string | null | undefined = data?.bio
export const detail: string | undefined = error?.detail
await client.POST('/api/v1/auth/login/json', { body: { username_or_email: 'a', password: 'b' } })

// @ts-expect-error no such path
await client.GET('/api/v1/nowhere')
// @ts-expect-error no such field in the answer
export const email = data?.email
// @ts-expect-error the password is missing
await client.POST('/api/v1/auth/login/json', { body: { username_or_email: 'a' } })
`

it('compiles what the document allows and refuses what it does not', { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(REPOSITORY, 'tools/src/client/generated-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'openapi.ts'), await generateTypes(JSON.stringify(FIXTURE_API)))
  await writeFile(join(folder, 'consumer.ts'), CONSUMER)
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../../../tsconfig.json', include: ['.'] }),
  )
  const { status, stdout } = spawnSync(join(REPOSITORY, 'node_modules/.bin/tsc'), ['-p', folder], {
    encoding: 'utf8',
  })
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
})

it('sends the token of the moment and answers errors without throwing', async () => {
  const authorizations: (string | undefined)[] = []
  const server = createServer((request, response) => {
    authorizations.push(request.headers.authorization)
    response.writeHead(404, { 'content-type': 'application/problem+json' })
    response.end(JSON.stringify({ type: 'x', status: 404, detail: 'There is no such user.' }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined

  type Paths = {
    '/users': { get: { responses: { 404: { content: { 'application/problem+json': object } } } } }
  }
  let token: string | undefined = 'first'
  const client = createApiClient<Paths>(`http://127.0.0.1:${port}`, { token: () => token })
  const { data, error, response } = await client.GET('/users')
  token = undefined
  await client.GET('/users')

  expect(authorizations).toEqual(['Bearer first', undefined])
  expect({ data, error, status: response.status }).toEqual({
    data: undefined,
    error: { type: 'x', status: 404, detail: 'There is no such user.' },
    status: 404,
  })
})
