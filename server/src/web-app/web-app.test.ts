import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { pages } from '@outcry/contract/pages'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sendRaw, statusOf } from '../platform/http/testing/raw-request.ts'
import { startTestApp, type TestApp } from '../testing/start-test-app.ts'

const SHELL = `<!doctype html>
<html lang="en">
<head>
<meta property="csp-nonce" nonce="__NONCE__">
<title>Outcry</title>
<script type="module" nonce="__NONCE__" src="/assets/main-Ab12.js"></script>
<link rel="modulepreload" nonce="__NONCE__" href="/assets/react-Cd34.js">
<link rel="stylesheet" nonce="__NONCE__" href="/assets/main-Ef56.css">
</head>
<body><div id="root"></div></body>
</html>
`
const SCRIPT = `export const greeting = '${'hello '.repeat(200)}'\n`
const HTML = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }
const HIDDEN = 'not for anybody'
const ASSET = '/assets/main-Ab12.js'

let folder: string
let app: TestApp

async function layBuild(dir: string): Promise<void> {
  const files: Record<string, string | Buffer> = {
    'index.html': SHELL,
    '.built-from': HIDDEN,
    '.vite/manifest.json': HIDDEN,
    'site.webmanifest': '{}',
    'assets/main-Ab12.js': SCRIPT,
    'assets/main-Ab12.js.br': brotliCompressSync(SCRIPT),
    'assets/main-Ab12.js.gz': gzipSync(SCRIPT),
    'assets/icon-Gh78.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    '../outside.js': HIDDEN,
  }
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true })
    await writeFile(join(dir, path), content)
  }
  await symlink('../../outside.js', join(dir, 'assets/linked.js'))
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outcry-web-app-'))
  await layBuild(join(folder, 'dist'))
  app = await startTestApp({
    dialect: 'sqlite',
    env: { OUTCRY_PUBLIC_URL: 'https://traders.example.test', OUTCRY_SITE_NAME: 'Pit & Floor' },
    webAppDir: join(folder, 'dist'),
  })
})
afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(app.url + path, { method, headers })

const policyOf = ({ headers }: Response) => headers.get('content-security-policy') ?? ''

const nonceOf = (response: Response) => /'nonce-([\w-]+)'/.exec(policyOf(response))?.[1] ?? ''

function expectCommonHeaders({ headers, status, url }: Response): void {
  const where = `${status} ${url}`
  expect(headers.get('strict-transport-security'), where).toBe('max-age=63072000; includeSubDomains')
  expect(headers.get('x-content-type-options'), where).toBe('nosniff')
  expect(headers.get('referrer-policy'), where).toBe('no-referrer')
  expect(headers.get('cross-origin-opener-policy'), where).toBe('same-origin')
  expect(headers.get('cross-origin-resource-policy'), where).toBe('same-origin')
  expect(headers.get('content-security-policy'), where).toMatch(/^default-src 'none'.*frame-ancestors 'none'/)
  expect(headers.get('server') ?? headers.get('x-powered-by') ?? headers.get('etag'), where).toBeNull()
  expect(headers.get('set-cookie'), where).toBeNull()
  expect(headers.get('x-request-id'), where).toMatch(/^[0-9a-f-]{36}$/)
}

describe('a page', () => {
  it.each(pages)('answers %s with the app, to GET and HEAD', async (path) => {
    const answer = await get(`${path}?next=/vault`, HTML)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const html = await answer.text()
    expect(html).toContain('<title>Pit &amp; Floor</title>')
    expect(html).toContain('<div id="root"></div>')
    const head = await get(path, {}, 'HEAD')
    expect([head.status, await head.text()]).toEqual([200, ''])
    expect(head.headers.get('content-length')).toBe(String(html.length))
  })

  it('C40: has a fresh nonce of 128 bits on everything that loads, and in its policy', async () => {
    const nonces = new Set<string>()
    for (const path of ['/', '/', '/signin', '/no/such/page']) {
      const answer = await get(path, HTML)
      const nonce = nonceOf(answer)
      expect(Buffer.from(nonce, 'base64url')).toHaveLength(16)
      nonces.add(nonce)
      const html = await answer.text()
      const tags = html.match(/<(?:script|link|style|meta property="csp-nonce")[^>]*>/g) ?? []
      expect(tags).toHaveLength(4)
      for (const tag of tags) expect(tag).toContain(` nonce="${nonce}"`)
      expect(html).not.toContain('__NONCE__')
    }
    expect(nonces.size).toBe(4)
  })

  it('C40: runs our own scripts alone, speaks to this server alone, and is never kept or framed', async () => {
    const answer = await get('/vault', HTML)
    const nonce = nonceOf(answer)
    expect(policyOf(answer).split('; ').toSorted()).toEqual(
      [
        "default-src 'none'",
        `script-src 'nonce-${nonce}' 'strict-dynamic'`,
        `style-src 'self' 'nonce-${nonce}'`,
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
      ].toSorted(),
    )
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const permissions = answer.headers.get('permissions-policy')?.split(', ') ?? []
    expect(permissions.filter((each) => !each.endsWith('=()'))).toEqual([
      'publickey-credentials-create=(self)',
      'publickey-credentials-get=(self)',
      'clipboard-write=(self)',
    ])
    expect(permissions).toContain('camera=()')
  })

  it('C40: has the security headers like every file, every unknown address and every refusal', async () => {
    for (const path of ['/', '/no/such/page', ASSET, '/site.webmanifest', '/assets/none.js', '/api/none']) {
      for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS'])
        expectCommonHeaders(await get(path, HTML, method))
    }
  })

  it('takes no other method', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const answer = await get('/signin', HTML, method)
      expect(answer.status).toBe(405)
      expect(answer.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
      expect(answer.headers.get('content-type')).toContain('application/problem+json')
    }
    const options = await get('/signin', {}, 'OPTIONS')
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS'])
  })

  it('is logged by its pattern and without its query', async () => {
    const { app: inside, logged } = app
    await get('/verify?token=should-not-be-here', HTML)
    await inside.platform.log.flush()
    const lines = logged.filter((line) => line.includes('"/verify"'))
    expect(lines.length).toBeGreaterThan(0)
    expect(logged.join('')).not.toContain('should-not-be-here')
  })
})

describe('an unknown address', () => {
  it.each(['/no/such/page', '/signin/', '/Signin', '/settings/other', '/apis', '/index.html', '/%41'])(
    'answers a browser at %s with the app and 404',
    async (path) => {
      for (const method of ['GET', 'HEAD']) {
        const answer = await get(path, HTML, method)
        expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
        expect(answer.headers.get('cache-control')).toBe('no-store')
        const html = await answer.text()
        expect(html.includes('<div id="root"></div>')).toBe(method === 'GET')
      }
    },
  )

  it.each(['/api', '/api/v1/nothing', '/health/nothing', '/metrics/more', '/assets/none.js', '/assets'])(
    'answers a problem at %s, which is no place for pages',
    async (path) => {
      const answer = await get(path, HTML)
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        404,
        'application/problem+json; charset=utf-8',
      ])
      expect(await answer.json()).toMatchObject({ code: 'http.not_found' })
    },
  )

  it('answers a program with a problem', async () => {
    for (const accept of ['*/*', 'application/json', 'text/*', 'text/htmlx', 'image/avif,image/*']) {
      const answer = await get('/no/such/page', { accept })
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        404,
        'application/problem+json; charset=utf-8',
      ])
    }
    expect((await get('/no/such/page', HTML, 'POST')).headers.get('content-type')).toContain('problem+json')
  })
})

describe('a file', () => {
  it('is kept for good when its name holds a hash', async () => {
    const answer = await get(ASSET)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    const icon = await get('/assets/icon-Gh78.svg')
    expect(icon.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8')
    expect(icon.headers.get('vary')).toBeNull()
  })

  it('is kept for an hour when its name stays the same', async () => {
    const answer = await get('/site.webmanifest')
    expect(answer.headers.get('content-type')).toBe('application/manifest+json; charset=utf-8')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=3600')
  })

  it.each([
    ['br', 'br'],
    ['gzip', 'gzip'],
    ['gzip, deflate, br, zstd', 'br'],
    ['identity', null],
    ['br;q=0, gzip;q=0', null],
  ])('comes to who takes %o as %o, the same in the end', async (acceptEncoding, expected) => {
    for (const method of ['GET', 'HEAD']) {
      const answer = await get(ASSET, { 'accept-encoding': acceptEncoding }, method)
      expect(answer.headers.get('content-encoding')).toBe(expected)
      expect(answer.headers.get('vary')).toBe('Accept-Encoding')
      expect(await answer.text()).toBe(method === 'GET' ? SCRIPT : '')
      const plain = Buffer.byteLength(SCRIPT)
      const length = Number(answer.headers.get('content-length'))
      if (expected === null) expect(length).toBe(plain)
      else expect(length).toBeLessThan(plain)
    }
  })

  it('comes as it is to who says nothing about encodings', async () => {
    const request = `GET ${ASSET} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`
    const answer = await sendRaw(app.url, request)
    expect(answer).not.toMatch(/content-encoding/i)
    expect(answer).toContain(SCRIPT)
  })

  it.each([
    '/.built-from',
    '/.vite/manifest.json',
    '/assets/main-Ab12.js.br',
    '/assets/main-Ab12.js.gz',
    '/assets/linked.js',
    '/outside.js',
    '/assets/../../outside.js',
    '/../outside.js',
    '/assets/..%2f..%2foutside.js',
    '/assets/%2e%2e/%2e%2e/outside.js',
    '/assets/..%5c..%5coutside.js',
    '/assets/..\\..\\outside.js',
    '/assets/main-Ab12.js%00.svg',
    '/assets/main-Ab12.js/',
    '/assets//main-Ab12.js',
    '//assets/main-Ab12.js',
    '/assets/__proto__',
    '/assets/:name',
    '/assets/*',
  ])('cannot be had as %s', async (path) => {
    const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n`
    const answer = await sendRaw(app.url, request)
    expect([400, 404]).toContain(statusOf(answer))
    expect(answer).not.toContain(HIDDEN)
    expect(answer).not.toContain('hello')
    expect(answer).not.toContain(folder)
  })
})

describe('without a build', () => {
  it('starts, says so in one line, and answers pages with 503 and what to do', async () => {
    await using bare = await startTestApp({ dialect: 'sqlite', webAppDir: join(folder, 'nowhere') })
    for (const path of pages) {
      const answer = await fetch(bare.url + path, { headers: HTML })
      expect(answer.status).toBe(503)
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(await answer.text()).toContain('The web app is not built: run npm start.')
    }
    expect((await bare.send('GET', '/auth/me')).status).toBe(401)
    expect(
      (await fetch(`${bare.url}/no/such/page`, { headers: HTML })).headers.get('content-type'),
    ).toContain('problem+json')
    await bare.app.platform.log.flush()
    const lines = bare.logged.filter((line) => line.includes('web app is not built'))
    expect(lines).toHaveLength(1)
    expect(lines.join('')).not.toContain(folder)
  })
})
