"""How much a text reads like Chinese: the share of its signs that everybody writes every day.

Bytes of GBK read as Big5 (or the reverse) are Chinese signs too, but rare ones; that is what
tells the two apart where nothing in a file says which it is.
"""

from __future__ import annotations

from typing import Final

_EVERYDAY: Final = frozenset(
    # Words of all sorts.
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下"
    "过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都"
    "两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重"
    "新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想"
    "已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知"
    "较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造"
    "百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白"
    "教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集"
    "温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿"
    "千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存"
    "候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该"
    "铁价严龙飞"
    # Places.
    "黑龙江吉辽宁河北山西陕甘肃青海新疆藏川云贵广湖南东福建浙苏安徽江台香港澳门内蒙古旗盟巴彦淖尔"
    "杭锦后临洪五乌拉特前中磴乡镇村街巷弄区坝陕团结奋斗光荣和友谊胜利解放朝阳兴盛隆丰顺庆永泰"
    # The trade.
    "路灯杆井盖管雨污水给排燃气热力电通信暖公厕园绿广场停车位桩站点检修房屋桥梁隧道闸阀泵塔箱柜"
    "号楼宽深径材料铸铁混凝土塑钢砖石砌坏破损缺正常使用单双侧起止终始点编码类型状态权属责任单位"
    "负责人电话备注日期时间示例高压钠盏瓦米厘毫平方个座根只名称地址简繁体语言文字"
    # The same in traditional writing.
    "這為個國時來們於對會發動產種經進著過說後與實機當點從業應開還現兩體無其間樣關線內數氣麼質"
    "變條沒結問題黨長總設資邊級圖統較將組見計別論運農幾區強決戰則據處隊給門規熱領導壓爭濟階術"
    "極聯認權證轉單風帶場車務萬達積議聲報類離華確張馬節話況傳許廣記觀織裝眾書復兒須際驗連斷難"
    "礦備辦習響約勞團歷構稱準值號維劃選標寫親廠識適屬圓調滿縣參紅細聽該鐵價嚴龍飛黑遼寧陝肅雲"
    "貴蘇臺灣鎮鄉燈桿蓋園綠橋樑閥櫃樓寬徑鑄銅磚壞損雙側終編碼狀態責負備註時簡語樹籍學齡廁親善座"
    "巷弄鄰里號捷運圖館寺廟宮濱湖興隆義和仁愛信忠孝復敦化松文湖士林投萬內大同正中山安北南港"
    "，。、（）：；“”《》０１２３４５６７８９－／．"
)


def share(text: str) -> float:
    """Return the share of everyday Chinese among the signs that are not ASCII, 0 to 1."""
    signs = [sign for sign in text if sign > "\x7f"]
    return sum(sign in _EVERYDAY for sign in signs) / len(signs) if signs else 0.0
