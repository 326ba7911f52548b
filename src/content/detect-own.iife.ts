import { detect } from './detector';

// The addresses of a portal that the person added follow no rule that could be tried here.
detect(true);
