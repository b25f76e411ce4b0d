import { fileURLToPath } from 'node:url'
import { createApiClient } from '../../../contract/src/client.ts'
import { twoFreePorts } from '../../../tools/alpaca-stand-in/src/testing/free-ports.ts'
import { type Demo, startDemo } from '../../../tools/src/demo/start-demo.ts'
import { buildWebApp } from '../../../tools/src/web-app/build-web-app.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** Starts the demo as the sources are now, on free ports, with a paper key chosen, so that its desk has something to show. */
export async function startDemoDesk(relay: (line: string) => void): Promise<Demo> {
  await buildWebApp({ root: ROOT, say: relay })
  const demo = await startDemo({ port: await twoFreePorts(), relay })
  await chooseCredential(demo)
  return demo
}

async function chooseCredential({ url, username, password }: Demo): Promise<void> {
  const body = { username_or_email: username, password }
  const { data } = await createApiClient(url).POST('/api/v1/auth/login/json', { body })
  if (!data || !('access_token' in data)) throw new Error('The demo let nobody in.')
  const member = createApiClient(url, { token: data.access_token })
  const listed = await member.GET('/api/v1/credentials')
  const paper = listed.data?.credentials.find(({ environment }) => environment === 'paper')
  await member.PUT('/api/v1/credentials/active', { body: { credential_id: paper?.id ?? null } })
}
