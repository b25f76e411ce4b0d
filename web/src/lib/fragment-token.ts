import { useEffect, useState } from 'react'

/** The token of a mailed link, which stands in the fragment so that no server and no log ever sees it. */
export function tokenIn(fragment: string): string | undefined {
  return new URLSearchParams(fragment.replace(/^#/, '')).get('token') || undefined
}

/** The token that this page was opened with. It is taken out of the address at once, so that it stays in no history. */
export function useFragmentToken(): string | undefined {
  const [token, setToken] = useState(() => tokenIn(location.hash))
  useEffect(() => {
    const take = () => {
      const found = tokenIn(location.hash)
      if (found === undefined) return
      history.replaceState(history.state, '', location.pathname + location.search)
      setToken(found)
    }
    take()
    addEventListener('hashchange', take)
    return () => removeEventListener('hashchange', take)
  }, [])
  return token
}
