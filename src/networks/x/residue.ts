/** Posts that survive only as text: the attribution line, with the text before it, around it or on its own line. */
import type { TextPost } from '../../extract/network.ts';

export const residue = (_text: string): readonly TextPost[] => [];
