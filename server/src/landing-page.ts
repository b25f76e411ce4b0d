import type { FastifyInstance } from 'fastify'
import { escapeHtml } from './platform/escape-html.ts'
import { plainPageSecurityHeaders } from './platform/http/security-headers.ts'

const STYLE = `
  :root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif }
  body { max-width: 40rem; margin: 4rem auto; padding: 0 1.25rem }
  h1 { font-size: 1.75rem; line-height: 1.2 }
  code { font-family: ui-monospace, monospace; overflow-wrap: anywhere }
`

function page(siteName: string): string {
  const name = escapeHtml(siteName)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${name} is running</h1>
<p>This server speaks the Outcry API. It has no web app yet, so there is nothing to sign in to on this page.</p>
<p>If a link brought you here, what stands behind <code>#token=</code> in it belongs into a request:
<code>POST /api/v1/auth/verify-email</code> to prove an address, <code>POST /api/v1/auth/password-reset/confirm</code> to set
a new password, <code>POST /api/v1/auth/setup</code> to make the first administrator.</p>
<ul>
<li><a href="/api/docs">What the API can do</a></li>
<li><a href="/health/ready">Whether the server is well</a></li>
</ul>
</main>
</body>
</html>
`
}

/** Serves `/` and the pages that mailed links lead to, which only say where the token in the link belongs. */
export function addLandingPage(
  fastify: FastifyInstance,
  { siteName, isHttps }: { readonly siteName: string; readonly isHttps: boolean },
): void {
  const html = page(siteName)
  const headers = {
    ...plainPageSecurityHeaders({ isHttps, style: STYLE }),
    'content-type': 'text/html; charset=utf-8',
  }
  for (const path of ['/', '/verify', '/reset', '/setup']) {
    fastify.get(path, (request, reply) => {
      request.call.route = path
      return reply.headers(headers).send(html)
    })
  }
}
