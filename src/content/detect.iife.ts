import { detect } from './detector';

detect();
