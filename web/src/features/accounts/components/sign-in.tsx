import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { readSignedIn, type SecondStep } from '../api/sign-in.ts'
import { CodeStep } from './code-step.tsx'
import { PasswordStep } from './password-step.tsx'

/**
 * Signs somebody in, in one step or two; `meQuery` then knows them. What was typed is kept in memory alone, and only until
 * it was used.
 */
export function SignIn() {
  const [secondStep, setSecondStep] = useState<SecondStep>()
  const [note, setNote] = useState<string>()
  const queries = useQueryClient()
  const finish = () => readSignedIn(queries)
  if (secondStep === undefined) {
    return <PasswordStep note={note} finish={finish} onSecondStep={setSecondStep} />
  }
  const startAgain = (why?: string) => {
    setNote(why)
    setSecondStep(undefined)
  }
  return <CodeStep step={secondStep} finish={finish} onStartAgain={startAgain} />
}
