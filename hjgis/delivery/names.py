"""What the parts of a package are called."""

from typing import Final

DATA: Final = "数据"
README: Final = "说明.html"
MANIFEST: Final = "清单.json"
CHECKS: Final = "检查报告.xlsx"
LOSSES: Final = "损失清单.xlsx"
MAP: Final = "地图.pdf"
PHOTOS: Final = "照片"
