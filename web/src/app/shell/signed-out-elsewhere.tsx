import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { buttonClass } from '../../ui/button.tsx'

/** Stands in the place of the page once its session has ended, and forgets what that showed. */
export function SignedOutElsewhere() {
  const queries = useQueryClient()
  const wayIn = useRef<HTMLAnchorElement>(null)
  useEffect(() => {
    queries.clear()
    wayIn.current?.focus()
  }, [queries])
  const next = encodeURIComponent(location.pathname + location.search)
  return (
    <div
      role="alertdialog"
      aria-labelledby="signed-out-title"
      aria-describedby="signed-out-text"
      className="fixed inset-0 z-50 grid place-items-center bg-ground p-4"
    >
      <div className="grid max-w-md gap-4 rounded-lg border border-line bg-surface p-6">
        <h1 id="signed-out-title">You are signed out</h1>
        <p id="signed-out-text">
          Your session was ended, on another device or because it was too old. Sign in to go on where you
          were.
        </p>
        {/* Note: a link of the browser, not of the router: nothing of the old session is to stay in memory. */}
        <a ref={wayIn} href={`/signin?next=${next}`} className={buttonClass('primary')}>
          Sign in
        </a>
      </div>
    </div>
  )
}
