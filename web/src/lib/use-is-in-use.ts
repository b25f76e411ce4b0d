import { useEffect, useState } from 'react'

const SIGNS = ['pointerdown', 'keydown', 'wheel'] as const

/**
 * Whether somebody has pressed, typed or scrolled on this page within the last `forMs` milliseconds. What a page asks by
 * itself keeps a session alive: it must stop when nobody is there any more.
 */
export function useIsInUse(forMs: number): boolean {
  const [isInUse, setInUse] = useState(true)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const note = () => {
      setInUse(true)
      clearTimeout(timer)
      timer = setTimeout(() => setInUse(false), forMs)
    }
    note()
    for (const sign of SIGNS) addEventListener(sign, note, { capture: true, passive: true })
    return () => {
      clearTimeout(timer)
      for (const sign of SIGNS) removeEventListener(sign, note, { capture: true })
    }
  }, [forMs])
  return isInUse
}
