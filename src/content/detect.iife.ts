import { detect } from './detector';

detect(false);
