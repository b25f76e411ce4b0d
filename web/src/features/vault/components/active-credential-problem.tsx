import { Link } from '@tanstack/react-router'
import { useLayoutEffect, useRef } from 'react'
import { Button, buttonClass } from '../../../ui/button.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { useActiveCredential } from '../api/active-credential.ts'
import { choiceProblemText } from '../choice-problem-text.ts'
import { CredentialMenu } from './credential-menu.tsx'
import { SWITCHER_ID } from './credential-switcher.tsx'

/** Says on every page that the chosen credential cannot be used any more, and asks for another. */
export function ActiveCredentialProblem() {
  const { credential, problem } = useActiveCredential()
  if (problem === null) return null
  return <Question {...choiceProblemText(problem, credential)} />
}

function Question({ title, advice }: { readonly title: string; readonly advice: string }) {
  const place = useRef<HTMLDivElement>(null)
  useFocusPassedOn(place)
  return (
    <div ref={place} className="mx-auto max-w-7xl px-4 pb-2">
      <Notice kind="warning" title={title}>
        <p>{advice}</p>
        <div className="mt-2 flex flex-wrap gap-2">
          <CredentialMenu trigger={<Button isSmall>Choose another</Button>} />
          <Link to="/vault" className={buttonClass('quiet', true)}>
            Open the vault
          </Link>
        </div>
      </Notice>
    </div>
  )
}

// Note: the question goes away when it is answered; the focus would go with it.
function useFocusPassedOn(place: React.RefObject<HTMLDivElement | null>): void {
  useLayoutEffect(() => {
    const { current } = place
    return () => {
      if (current?.contains(document.activeElement)) document.getElementById(SWITCHER_ID)?.focus()
    }
  }, [place])
}
