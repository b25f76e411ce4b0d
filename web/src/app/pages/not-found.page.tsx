import { Link } from '@tanstack/react-router'
import { useDocumentTitle } from '../../lib/use-document-title.ts'
import { buttonClass } from '../../ui/button.tsx'

/** For a path that leads nowhere. */
export function NotFoundPage() {
  useDocumentTitle('Not found')
  return (
    <main id="content" className="mx-auto grid max-w-xl justify-items-start gap-4 px-4 py-16">
      <h1>There is no page here</h1>
      <p>The address may be mistyped, or what stood here is gone.</p>
      <Link to="/" className={buttonClass('primary')}>
        Go to the start
      </Link>
    </main>
  )
}
